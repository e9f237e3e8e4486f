using System.Globalization;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models.Profiling;

public class FlopCounterTests
{
    // Of timm's pretrained tags: ImageNet's, none, CLIP's widths, and the larger ImageNets. Their tables hold the first tag's.
    private static readonly int[] TagClasses = [1000, 0, 512, 640, 768, 1024, 1280, 11221, 11821, 21841, 21843];

    // Of their counter (fvcore): a normalisation that is no batch normalisation counts five an element, which group normalisation in
    // efficientnets of thin layers adds up to a tenth of all.
    private const int GroupNormWork = 5;

    // Of timm's tables; the second figure of each pair counts attention's own products as well (timm's table for unfused attention).
    [Theory]
    [InlineData("resnet50", 4.11, 4.11)]
    [InlineData("convnext_tiny", 4.47, 4.47)]
    [InlineData("vit_base_patch16_224", 16.87, 17.58)]
    [InlineData("regnety_032", 3.20, 3.20)]
    [InlineData("swin_tiny_patch4_window7_224", 4.36, 4.51)]
    [InlineData("maxvit_tiny_tf_224", 5.37, 5.60)]
    public void Well_known_figures_come_out(string name, double withoutAttention, double all)
    {
        var tally = FlopCounter.Count(Zoo.Build(name));
        Assert.Equal(withoutAttention, tally.WithoutAttention / 1e9, withoutAttention * 0.02);
        Assert.Equal(all, tally.MultiplyAdds / 1e9, all * 0.02);
    }

    /// <summary>
    /// timm's results (results/benchmark-infer-*.csv at 1.0.29): every architecture here that has a row at its own input size. Their
    /// counter adds normalisations, which are a few hundredths in networks of thin layers, and leaves attention's products out where
    /// the fused kernel ran.
    /// </summary>
    [Fact]
    public void Parameters_and_multiply_adds_are_those_of_timms_tables()
    {
        var rows = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(Here())!, "timm-results.csv"))[1..].Select(line => line.Split(',')).ToList();
        Assert.True(rows.Count > 400);
        var wrong = rows.AsParallel().Select(row =>
        {
            var (model, million, giga) = (Zoo.Build(row[0]), Number(row[1]), Number(row[3]));
            Assert.Equal(row[2], model.InputSize.ToString(CultureInfo.InvariantCulture));
            var tally = FlopCounter.Count(model);
            var normalized = tally.Layers.Where(l => l.Kind == LayerKind.Normalization).Sum(l => l.Output.Aggregate(1L, (a, b) => a * b));
            var grouped = row[0].EndsWith("_gn", StringComparison.Ordinal) ? GroupNormWork * normalized : 0;

            // Differential attention draws from the values twice; timm's tables were made with a form that draws once, by the difference of the weights.
            var once = tally.WithoutAttention + ((tally.MultiplyAdds - tally.WithoutAttention) * 2 / 3);

            // Christoph Reich's Swin asks its network for every pair of a window's tokens in timm, here once for every relative place.
            double window = model.InputSize / 32;
            var pairs = Math.Pow(window, 4) / Math.Pow((2 * window) - 1, 2);
            var asked = tally.Layers.Where(l => l.Name.Contains("meta_mlp", StringComparison.Ordinal)).Sum(l => (long)(l.MultiplyAdds * (pairs - 1)));
            long[] counts = model.Tensors.Any(t => t.Name.EndsWith("lambda_q1", StringComparison.Ordinal))
                ? [once]
                : [tally.MultiplyAdds + asked, tally.WithoutAttention, tally.MultiplyAdds + grouped + Unasked(tally)];
            var near = counts.Min(found => Math.Abs((found / 1e9) - giga));
            var parameters = TagClasses.Min(classes => Math.Abs((Zoo.Build(row[0], new() { Classes = classes }).Parameters / 1e6) - million));
            return (Row: row, Good: near <= 0.005 + (0.035 * giga) && parameters <= 0.0101, model.Parameters, tally);
        }).Where(r => !r.Good).Select(r => $"{string.Join(' ', r.Row)}: {r.Parameters / 1e6:0.00} M, {r.tally.MultiplyAdds / 1e9:0.00} or {r.tally.WithoutAttention / 1e9:0.00}").ToList();
        Assert.Empty(wrong);

        // Where the pooling attends, timm asks all tokens and keeps the first one's answer.
        static long Unasked(FlopCounter tally)
        {
            long Work(string name) => tally.Layers.Where(l => string.Equals(l.Name, name, StringComparison.Ordinal)).Sum(l => l.MultiplyAdds);
            var tokens = tally.Layers.FirstOrDefault(l => string.Equals(l.Name, "head.k", StringComparison.Ordinal))?.Output[1] ?? 1;
            return (tokens - 1) * (Work("head.q") + Work("head.proj"));
        }

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

        static string Here([System.Runtime.CompilerServices.CallerFilePath] string file = "") => file;
    }

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void Every_weight_is_met_and_shapes_are_those_of_a_real_pass(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        var tally = FlopCounter.Count(architecture);
        Assert.Equal([1L, 7L], tally.Layers[^1].Output);
        Assert.True(tally.MultiplyAdds > 0);

        // What is left are tokens, embeddings, scales, and biases that stand beside the matrix they belong to.
        var met = tally.Layers.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var missed = architecture.Tensors
            .Where(t => t.Role == TensorRole.Parameter && t.Name.EndsWith(".weight", StringComparison.Ordinal))
            .Select(t => t.Name[..^".weight".Length])
            .Where(layer => !met.Contains(layer) && !layer.EndsWith(".grn", StringComparison.Ordinal));
        Assert.Empty(missed);
        using var weights = ModelWeights.Fresh(architecture, 1);
        Assert.Equal([1L, 7L], architecture.Forward(new ForwardContext(weights.Tensors), torch.zeros(1, 3, size, size)).shape);
    }

    [Fact]
    public void Twice_the_side_is_four_times_the_convolutions()
    {
        var (small, large) = (FlopCounter.Count(Zoo.Build("resnet18", new() { InputSize = 64 })), FlopCounter.Count(Zoo.Build("resnet18", new() { InputSize = 128 })));
        long Convolutions(FlopCounter tally) => tally.Layers.Where(l => l.Kind == LayerKind.Convolution).Sum(l => l.MultiplyAdds);
        Assert.Equal(4 * Convolutions(small), Convolutions(large));
        Assert.Equal(512_000, large.Layers[^1].MultiplyAdds);
    }
}
