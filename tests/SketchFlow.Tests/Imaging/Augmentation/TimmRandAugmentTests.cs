using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>timm's notation for RandAugment, and the operations it samples.</summary>
public sealed class TimmRandAugmentTests
{
    [Fact]
    public void The_notation_is_parsed_as_in_timm()
    {
        Assert.Equal(new TimmRandAugment { Magnitude = 9, MagnitudeStd = 0.5, Increasing = true }, TimmRandAugment.Parse("rand-m9-mstd0.5-inc1"));
        Assert.Equal(new TimmRandAugment { Magnitude = 10, MagnitudeStd = 0, Increasing = false }, TimmRandAugment.Parse("rand"));
        Assert.Equal(
            new TimmRandAugment { Operations = 3, Magnitude = 7, MagnitudeStd = 1, MagnitudeMax = 15, Increasing = false, Weighted = true },
            TimmRandAugment.Parse("rand-n3-m7-mstd1-mmax15-w0"));
        Assert.Equal(101, TimmRandAugment.Parse("rand-m9-mstd101-inc1").MagnitudeStd);
    }

    [Theory]
    [InlineData("rand-x9", "x9")]
    [InlineData("rand-m", "\"m\"")]
    [InlineData("rand-m9-n1.5", "n1.5")]
    [InlineData("rand-w3", "w3")]
    [InlineData("rand-m99", "magnitude is 99")]
    public void Unknown_sections_are_rejected_by_name(string notation, string found) =>
        Assert.Contains(found, Assert.Throws<RefusalException>(() => TimmRandAugment.Parse(notation)).Message, StringComparison.Ordinal);

    [Fact]
    public void Recipes_and_the_command_line_accept_the_notation()
    {
        using var folder = new TemporaryFolder().With("r.yaml", "architecture: resnet18\naugmentation:\n  - rand-m9-mstd0.5-inc1\n  - horizontal-flip\n");
        var recipe = RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), []);
        Assert.Equal([new TimmRandAugment(), new HorizontalFlip()], recipe.Augmentation);
        folder.With("again.yaml", RecipeFile.Write(recipe));
        Assert.Equal(recipe.Augmentation, RecipeFile.Load(Path.Combine(folder.Root, "again.yaml"), []).Augmentation);
        Assert.Equal([TimmRandAugment.Parse("rand-m5-n3")], RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), ["augmentation=[rand-m5-n3]"]).Augmentation);
        using var input = TestImages.Drawing(40, 30);
        using var result = FixedOperation.Apply("rand-m9-mstd0.5-inc1", default, input, seed: 3);
        Assert.Equal((40, 30), (result.Width, result.Height));
        Assert.Throws<RefusalException>(() => TransformJson.ReadList("[{\"rand-m9\": {\"p\": 1}}]"));
    }

    [Fact]
    public void Levels_without_noise_are_timm_s_arguments()
    {
        // Level 5 of 10 is half of each range; expected values from timm's level functions.
        var tables = Tables(new TimmRandAugment { Magnitude = 5, MagnitudeStd = 0, Increasing = true, Each = 1, Operations = 1 });
        Assert.Contains(tables, t => t.SequenceEqual(LookupTables.Posterize(2)));
        Assert.Contains(tables, t => t.SequenceEqual(LookupTables.Solarize(128)));
        Assert.Contains(tables, t => t.SequenceEqual(LookupTables.FromFormula(v => v < 128 ? v + 55 : v)));
        Assert.Contains(tables, t => t.SequenceEqual(PillowOps.BlendTable(0, 1.45)));
        Assert.Contains(tables, t => t.SequenceEqual(PillowOps.BlendTable(0, 0.55)));

        var plain = Tables(new TimmRandAugment { Magnitude = 2.5, MagnitudeStd = 0, Increasing = false, Each = 1, Operations = 1 });
        Assert.Contains(plain, t => t.SequenceEqual(LookupTables.Posterize(1)));
        Assert.Contains(plain, t => t.SequenceEqual(LookupTables.Solarize(64)));
        Assert.Contains(plain, t => t.SequenceEqual(PillowOps.BlendTable(0, 0.55)));
    }

    [Fact]
    public void With_weights_mostly_geometric_operations_are_drawn_and_none_twice()
    {
        var transform = new TimmRandAugment { Each = 1, Operations = 3, Weighted = true };
        var warps = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var ops = Draw(transform, seed);
            Assert.Equal(3, ops.Count);
            warps += ops.Count(a => a is PixelOp.Affine);
            Assert.DoesNotContain(ops, a => a is PixelOp.LevelMap tone && tone.Table.SequenceEqual(LookupTables.Invert()));
        }

        Assert.InRange(warps / 900.0, 0.75, 1);
    }

    [Fact]
    public void Noise_changes_the_level_up_to_its_maximum()
    {
        var transform = new TimmRandAugment { Magnitude = 9, MagnitudeStd = 3, MagnitudeMax = 10, Each = 1, Operations = 1 };
        var maps = Enumerable.Range(0, 3000).SelectMany(s => Draw(transform, s)).OfType<PixelOp.Affine>();
        var shears = maps.Select(w => Math.Abs(w.Matrix.Xy)).Where(m => m is > 0 and <= 0.3).Distinct().ToList();
        Assert.True(shears.Count > 20);
        Assert.Equal(0.3, shears.Max(), 1e-9);
    }

    private static List<byte[]> Tables(TimmRandAugment transform) =>
        [.. Enumerable.Range(0, 600).SelectMany(s => Draw(transform, s)).OfType<PixelOp.LevelMap>().Select(t => t.Table)];

    private static List<PixelOp> Draw(Transform transform, int seed)
    {
        var ops = new List<PixelOp>();
        var random = KeyedRandom.For(seed, 0, 1, "timm");
        transform.SampleOps(ref random, new(64, 48), ops);
        return ops;
    }
}
