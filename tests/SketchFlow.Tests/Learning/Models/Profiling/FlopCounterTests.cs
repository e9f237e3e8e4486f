using System.Globalization;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models.Profiling;

public class FlopCounterTests
{
    // Numbers of classes of timm's pretrained tags: ImageNet's, none, CLIP's widths, and the larger ImageNets. timm's tables use the first tag's.
    private static readonly int[] TagClasses = [1000, 0, 512, 640, 768, 1024, 1280, 11221, 11821, 21841, 21843];

    // timm's counter (fvcore) counts five operations per element of a normalisation other than batch normalisation, which adds up to a tenth of
    // the total for group normalisation in thin EfficientNets.
    private const int GroupNormWork = 5;

    // Numbers from timm's tables; the second includes attention's matrix products (timm's table for unfused attention).
    [Theory]
    [InlineData("resnet50", 4.11, 4.11)]
    [InlineData("convnext_tiny", 4.47, 4.47)]
    [InlineData("vit_base_patch16_224", 16.87, 17.58)]
    [InlineData("regnety_032", 3.20, 3.20)]
    [InlineData("swin_tiny_patch4_window7_224", 4.36, 4.51)]
    [InlineData("maxvit_tiny_tf_224", 5.37, 5.60)]
    public void Counts_agree_with_published_numbers(string name, double withoutAttention, double all)
    {
        var counter = FlopCounter.Count(Zoo.Build(name));
        Assert.Equal(withoutAttention, counter.MultiplyAddsWithoutAttention / 1e9, withoutAttention * 0.02);
        Assert.Equal(all, counter.MultiplyAdds / 1e9, all * 0.02);
    }

    /// <summary>
    /// Compares every architecture that has a row at its own input size with timm's results (results/benchmark-infer-*.csv at 1.0.29). timm's
    /// counter includes normalisations, a few percent in networks of thin layers, and excludes attention's matrix products where the fused kernel
    /// ran.
    /// </summary>
    [Fact]
    public void Parameters_and_multiply_adds_are_those_of_timms_tables()
    {
        var lines = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(Here())!, "timm-results.csv"));
        var rows = lines[1..].Select(line => line.Split(',')).ToList();
        Assert.True(rows.Count > 400);
        var wrong = rows.AsParallel().Select(row =>
        {
            var (model, million, giga) = (Zoo.Build(row[0]), Number(row[1]), Number(row[3]));
            Assert.Equal(row[2], model.InputSize.ToString(CultureInfo.InvariantCulture));
            var counter = FlopCounter.Count(model);
            var normalized = counter.Layers.Where(l => l.Kind == LayerKind.Normalization).Sum(l => l.Output.Aggregate(1L, (a, b) => a * b));
            var grouped = row[0].EndsWith("_gn", StringComparison.Ordinal) ? GroupNormWork * normalized : 0;

            // Differential attention computes two attentions here; timm's tables were made with a form that computes one.
            var once = counter.MultiplyAddsWithoutAttention + ((counter.MultiplyAdds - counter.MultiplyAddsWithoutAttention) * 2 / 3);

            // The bias network of Christoph Reich's Swin runs for every pair of a window's tokens in timm, here once per relative position.
            double window = model.InputSize / 32;
            var pairs = Math.Pow(window, 4) / Math.Pow((2 * window) - 1, 2);
            var perPair = counter.Layers.Where(l => l.Name.Contains("meta_mlp", StringComparison.Ordinal)).Sum(l => (long)(l.MultiplyAdds * (pairs - 1)));
            long[] counts = model.Tensors.Any(t => t.Name.EndsWith("lambda_q1", StringComparison.Ordinal))
                ? [once]
                : [counter.MultiplyAdds + perPair, counter.MultiplyAddsWithoutAttention, counter.MultiplyAdds + grouped + OtherQueries(counter)];
            var near = counts.Min(found => Math.Abs((found / 1e9) - giga));
            var parameters = TagClasses.Min(classes => Math.Abs((Zoo.Build(row[0], new() { Classes = classes }).Parameters / 1e6) - million));
            return (Row: row, Good: near <= 0.005 + (0.035 * giga) && parameters <= 0.0101, model.Parameters, counter);
        }).Where(r => !r.Good).Select(r =>
            $"{string.Join(' ', r.Row)}: {r.Parameters / 1e6:0.00} M, {r.counter.MultiplyAdds / 1e9:0.00} "
            + $"or {r.counter.MultiplyAddsWithoutAttention / 1e9:0.00}");
        Assert.Empty(wrong);

        // In attention pooling timm computes all queries and keeps the first token's output.
        static long OtherQueries(FlopCounter counter)
        {
            long Work(string name) => counter.Layers.Where(l => string.Equals(l.Name, name, StringComparison.Ordinal)).Sum(l => l.MultiplyAdds);
            var tokens = counter.Layers.FirstOrDefault(l => string.Equals(l.Name, "head.k", StringComparison.Ordinal))?.Output[1] ?? 1;
            return (tokens - 1) * (Work("head.q") + Work("head.proj"));
        }

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

        static string Here([System.Runtime.CompilerServices.CallerFilePath] string file = "") => file;
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void Every_weight_is_used_and_shapes_are_those_of_a_real_pass(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        var counter = FlopCounter.Count(architecture);
        Assert.Equal([1L, 7L], counter.Layers[^1].Output);
        Assert.True(counter.MultiplyAdds > 0);

        // The rest are tokens, embeddings, scales, and biases stored apart from their matrix.
        var met = counter.Layers.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var missed = architecture.Tensors
            .Where(t => t.Role == TensorRole.Parameter && t.Name.EndsWith(".weight", StringComparison.Ordinal))
            .Select(t => t.Name[..^".weight".Length])
            .Where(layer => !met.Contains(layer) && !layer.EndsWith(".grn", StringComparison.Ordinal));
        Assert.Empty(missed);
        using var weights = ModelWeights.Fresh(architecture, 1);
        Assert.Equal([1L, 7L], architecture.Forward(new ForwardContext(weights.Tensors), torch.zeros(1, 3, size, size)).shape);
    }

    [Fact]
    public void Twice_the_side_quadruples_the_work_of_convolutions()
    {
        var small = FlopCounter.Count(Zoo.Build("resnet18", new() { InputSize = 64 }));
        var large = FlopCounter.Count(Zoo.Build("resnet18", new() { InputSize = 128 }));
        long Convolutions(FlopCounter counter) => counter.Layers.Where(l => l.Kind == LayerKind.Convolution).Sum(l => l.MultiplyAdds);
        Assert.Equal(4 * Convolutions(small), Convolutions(large));
        Assert.Equal(512_000, large.Layers[^1].MultiplyAdds);
    }
}
