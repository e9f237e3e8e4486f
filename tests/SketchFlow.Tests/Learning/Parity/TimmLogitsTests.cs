using System.Globalization;
using System.Runtime.CompilerServices;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Parity;

namespace SketchFlow.Tests.Learning.Parity;

/// <summary>Compares every architecture with timm-logits.jsonl, the tensors and logits that timm_parity.py computed with timm's own code.</summary>
public class TimmLogitsTests
{
    // Each run verifies the small architectures, the smallest of each family, and all that load weights of another size. The whole file, some
    // 100 billion parameters, is for `sketchflow models verify`.
    private const long Small = 24_000_000;

    // The weights of the first exceed the memory of the machine that generated the fixtures; in the second rounding grows too much (docs/zoo.md).
    private static readonly string[] WithoutFixture = ["vit_7b_patch16_dinov3", "eva02_enormous_patch14_clip_224"];

    private static readonly Lazy<IReadOnlyList<ParityFixture>> Fixtures = new(() => ParityFixture.Read(Packed()));

    public static TheoryData<string, int> Verified => [.. Fixtures.Value
        .Where(f => f.Parameters < Small || f.WeightsSize is not null)
        .Union(Zoo.Families.Select(family => Fixtures.Value.First(f => family.Models.Contains(f.Model))))
        .Select(f => (f.Model, f.InputSize))];

    [Long]
    [Theory]
    [MemberData(nameof(Verified))]
    public void An_architecture_has_timms_tensors_and_computes_timms_logits(string model, int size)
    {
        var result = ParityCheck.Verify(Assert.Single(Fixtures.Value, f => f.Model == model && f.InputSize == size));
        Assert.True(result.Agrees, result.ToString());
        Assert.InRange(result.Error, 0, 1e-5);
    }

    [Fact]
    public void Every_name_of_the_zoo_has_timms_logits_and_its_tensors_in_timms_order()
    {
        Assert.Empty(Zoo.Names.Except(WithoutFixture).Except(Fixtures.Value.Select(f => f.Model)));
        Assert.All(Fixtures.Value, fixture =>
        {
            var architecture = Zoo.Build(fixture.Model, new() { Classes = fixture.Classes, InputSize = fixture.InputSize });
            Assert.Empty(fixture.Differences(architecture));
        });
    }

    [Fact]
    public void Logits_of_the_two_images_differ() => Assert.All(Fixtures.Value, fixture =>
    {
        var kept = fixture.Logits.Length / 2;
        var apart = Enumerable.Range(0, kept).Average(i => Math.Abs(fixture.Logits[i] - fixture.Logits[kept + i]));
        Assert.True(apart > 1e-3 * fixture.MaxAbsoluteLogit, $"{fixture.Model}: {apart} of {fixture.MaxAbsoluteLogit}");
    });

    [Fact]
    public void A_packed_fixture_with_other_tensors_or_logits_is_reported_as_different()
    {
        var line = File.ReadLines(Packed()).First(l => l.Contains("\"test_resnet\"", StringComparison.Ordinal));
        var good = Assert.Single(ReadText(line));
        Assert.True(ParityCheck.Verify(good).Agrees);
        var renamed = ParityCheck.Verify(Assert.Single(ReadText(line.Replace(good.TensorsHash!, new string('0', 64), StringComparison.Ordinal))));
        Assert.False(renamed.Agrees);
        Assert.Contains("order", Assert.Single(renamed.Differences), StringComparison.Ordinal);
        var moved = line.Replace(Text(good.Logits[^1]), Text(good.Logits[^1] + (1e-3 * good.MaxAbsoluteLogit)), StringComparison.Ordinal);
        Assert.NotEqual(line, moved);
        Assert.False(ParityCheck.Verify(Assert.Single(ReadText(moved))).Agrees);

        static string Text(double logit) => logit.ToString("R", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_broken_line_is_refused() => Assert.Throws<RefusalException>(() => ReadText("{\"model\":\"resnet18\"}"));

    private static IReadOnlyList<ParityFixture> ReadText(string text)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jsonl");
        try
        {
            File.WriteAllText(file, text);
            return ParityFixture.Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Packed([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "timm-logits.jsonl");
}
