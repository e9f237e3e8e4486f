using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>
/// Swin, MaxViT and CoAtNet have no fixture of timm's: they are held against a second writing of timm's source in loops and double precision
/// (<see cref="PlainNetwork"/>), and against timm's published tables.
/// </summary>
public class WindowTests
{
    private static readonly Swin.Config TinySwin = new() { Depths = [2, 2], Width = 8, Heads = 2, Windows = [3, 3] };
    private static readonly MaxVit.Config TinyMaxVit = new() { Depths = [1, 2], Widths = [32, 64], Stem = (4, 8) };
    private static readonly CoAtNet.Config TinyCoAtNet = new() { Depths = [1, 1, 2, 1], Widths = [8, 32, 64, 96], Stem = (4, 8) };

    // 8 and 4 tokens a side in windows of 3 are rolled, filled up and masked; windows of 8 hold the second stage whole.
    public static TheoryData<string, Swin.Config> Swins => new()
    {
        { "windows that need filling up", TinySwin },
        { "windows that fit", TinySwin with { Windows = [4, 2] } },
        { "a window as large as the image", TinySwin with { Windows = [4, 8] } },
        { "version 2", TinySwin with { Windows = [4, 2], Version2 = true } },
        { "version 2 from other windows, filled up", TinySwin with { Version2 = true, PretrainedWindows = [5, 2] } },
        { "Christoph Reich's", TinySwin with { Depths = [2, 3], Version2 = true, Cr = true } },
        { "Christoph Reich's with normalisations between", TinySwin with { Depths = [3, 2], Version2 = true, Cr = true, NormPeriod = 2, NormsStages = true } },
    };

    public static TheoryData<string, MaxVit.Config> MaxVits => new()
    {
        { "TensorFlow's", TinyMaxVit with { TensorFlow = true, Places = RelativePlace.TensorFlowTable, HiddenHead = true, Stem = (4, 32) } },
        { "TensorFlow's with a wider first stage", TinyMaxVit with { TensorFlow = true, Places = RelativePlace.TensorFlowTable } },
        { "a table of places", TinyMaxVit },
        { "a network over places", TinyMaxVit with { Places = RelativePlace.Network, HiddenHead = true, LayerScale = 1e-6 } },
        { "windows and grid abreast", TinyMaxVit with { Abreast = true } },
        { "ConvNeXt's convolutions", TinyMaxVit with { ConvNext = true, LayerScale = 1e-6, Places = RelativePlace.Network } },
        { "ConvNeXt's convolutions and the grid alone", TinyMaxVit with { ConvNext = true, LayerScale = 1e-6, GridAlone = true, HiddenHead = true } },
    };

    // Of the forms of timm's names, each that computes something of its own.
    public static TheoryData<string, CoAtNet.Config> CoAtNets => new()
    {
        { "the paper's", TinyCoAtNet with { Convolution = new() { ExpandsOutput = true, OutputBias = true, Activation = Layers.Gelu }, ExpandsFirst = true, HiddenHead = true } },
        { "an early gate and a mean before", TinyCoAtNet with
        {
            Convolution = new() { ActivatesFirst = true, GateActivation = Layers.Relu, Pools = true, GatesEarly = true },
            ShortcutBias = false,
        } },
        { "maximum pooling and a network over places", TinyCoAtNet with
        {
            Convolution = new() { ActivatesFirst = true, Pools = true, MaxPoolShortcut = true },
            MaxPool = true,
            Places = new() { From = RelativePlace.Network, Features = 6 },
            LayerScale = 1e-6,
        } },
        { "batch normalisation", TinyCoAtNet with { BatchNorm = true } },
        { "a convolution before each stage of attention", TinyCoAtNet with { ConvolutionFirst = true } },
        { "ConvNeXt's convolutions", TinyCoAtNet with { ConvNext = true } },
    };

    [Theory]
    [MemberData(nameof(Swins))]
    public void A_swin_answers_what_its_definition_says_token_by_token(string what, Swin.Config config)
    {
        // The stages of so small a network halve the image once: 32 pixels are 8 tokens a side. Windows of an eighth need 64 to shift.
        var size = config.Cr ? 64 : 32;
        Same(what, Swin.Declare("swin", config, new() { Classes = 5, InputSize = size }), (plain, image) => plain.Swin(image, config));
    }

    [Theory]
    [MemberData(nameof(MaxVits))]
    public void A_maxvit_answers_what_its_definition_says_token_by_token(string what, MaxVit.Config config)
    {
        // 64 pixels: windows of 2 x 2 tokens, 16 and 8 tokens a side.
        Same(what, MaxVit.Declare("maxvit", config, new() { Classes = 5, InputSize = 64 }), (plain, image) => plain.MaxVit(image, config));
    }

    [Theory]
    [MemberData(nameof(CoAtNets))]
    public void A_coatnet_answers_what_its_definition_says_pixel_by_pixel(string what, CoAtNet.Config config)
    {
        // 64 pixels: attention over 4 x 4 and 2 x 2.
        Same(what, CoAtNet.Declare("coatnet", config, new() { Classes = 5, InputSize = 64 }), (plain, image) => plain.CoAtNet(image, config));
    }

    [Fact]
    public void Windows_and_grids_are_cut_as_defined_and_put_back()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.arange(2 * 6 * 6 * 3).reshape(2, 6, 6, 3);
        var (windows, grid) = (Layers.ToWindows(x, 3), Layers.ToGrid(x, 3));
        Assert.Equal([8L, 9L, 3L], windows.shape);
        for (var i = 0; i < 2 * 36; i++)
        {
            var (n, r, c) = (i / 36, i / 6 % 6, i % 6);
            Assert.True(x[n, r, c].Same(windows[(n * 4) + (r / 3 * 2) + (c / 3), (r % 3 * 3) + (c % 3)]));
            Assert.True(x[n, r, c].Same(grid[(n * 4) + (r % 2 * 2) + (c % 2), (r / 2 * 3) + (c / 2)]));
        }

        Assert.True(x.Same(Layers.FromWindows(windows, 3, 6)));
        Assert.True(x.Same(Layers.FromGrid(grid, 3, 6)));
    }

    [Fact]
    public void Biases_of_places_stretch_as_timm_stretches_them()
    {
        // timm's _calc for 13 places to 23: ratios above 1, the middle kept, the ends reached.
        var places = RelativePlaces.Spread(13, 23);
        Assert.Equal(0, places[6]);
        Assert.Equal(1, places[7]);
        Assert.Equal(-1, places[5]);
        Assert.Equal(11, places[12], 1e-3f);
        Assert.All(Enumerable.Range(1, 5), i => Assert.Equal((places[8] - places[7]) / 1, (places[7 + i] - places[6 + i]) / MathF.Pow(places[8] - places[7], i - 1), 1e-3f));

        // What is constant, and what is linear near the middle, stays so; the same size changes nothing.
        float[] constant = [.. Enumerable.Repeat(0.25f, 169)];
        Assert.All(RelativePlaces.Stretch(constant, 13, 23), v => Assert.Equal(0.25f, v, 1e-6f));
        float[] slope = [.. Enumerable.Range(0, 169).Select(i => places[i % 13] + (2 * places[i / 13]))];
        var stretched = RelativePlaces.Stretch(slope, 13, 23);
        for (var i = 0; i < stretched.Length; i++)
        {
            Assert.Equal((i % 23) - 11 + (2 * ((i / 23) - 11)), stretched[i], 1e-2f);
        }
    }

    [Theory]
    [InlineData("swin_tiny_patch4_window7_224", 64, 128)]
    [InlineData("maxvit_pico_rw_256", 64, 96)]
    [InlineData("maxvit_tiny_tf_224", 32, 64)]
    [InlineData("coatnet_nano_rw_224", 64, 96)]
    public void Weights_of_another_image_size_are_taken_over_with_their_places_stretched(string name, int from, int to)
    {
        var file = Path.GetTempFileName();
        try
        {
            var small = Zoo.Build(name, new() { Classes = 3, InputSize = from });
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                fresh.Save(file);
            }

            var large = Zoo.Build(name, new() { Classes = 3, InputSize = to });
            var (weights, report) = ModelWeights.Load(large, file, 0);
            using (weights)
            {
                var changed = small.Tensors.Zip(large.Tensors).Where(p => !p.First.Shape.SequenceEqual(p.Second.Shape)).Select(p => p.Second.Name).ToList();
                Assert.NotEmpty(changed);
                Assert.Equal(changed, report.Resampled);
                Assert.All(changed, n => Assert.EndsWith("relative_position_bias_table", n, StringComparison.Ordinal));
                Assert.All(changed, n => Assert.InRange(weights[n].std().item<float>(), 0.005f, 0.03f));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_stands_for_no_place_is_taken_over_as_it_is()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            var small = Zoo.Build("beitv2_base_patch16_224", new() { Classes = 3, InputSize = 48 });
            const string Table = "blocks.0.attn.relative_position_bias_table";
            using (var fresh = ModelWeights.Fresh(small, 1))
            {
                // 5 x 5 places, then from the class token, to it, and its own; a head's values are its own.
                var heads = torch.arange(12, torch.float32);
                fresh[Table].fill_(0.5).add_(heads);
                fresh[Table].narrow(0, 25, 3).copy_(torch.arange(1, 4, torch.float32).unsqueeze(1) + heads);
                fresh.Save(file);
            }

            var (weights, _) = ModelWeights.Load(Zoo.Build("beitv2_base_patch16_224", new() { Classes = 3, InputSize = 96 }), file, 0);
            using (weights)
            {
                var table = weights[Table] - torch.arange(12, torch.float32);
                Assert.Equal([124L, 12L], table.shape);
                Assert.True(table.narrow(0, 0, 121).allclose(torch.full([121, 12], 0.5f)));
                Assert.True(table.narrow(0, 121, 3).allclose(torch.arange(1, 4, torch.float32).unsqueeze(1).expand(3, 12)));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("swin_tiny_patch4_window7_224", 100, "96 or 128")]
    [InlineData("maxvit_tiny_tf_224", 240, "224 or 256")]
    [InlineData("coatnet_0_224", 240, "224 or 256")]
    [InlineData("vit_pe_core_large_patch14_336", 320, "308 or 322")]
    public void Sizes_that_leave_half_a_token_are_refused(string name, int size, string instead)
    {
        var refusal = Assert.Throws<RefusalException>(() => Zoo.Build(name, new() { InputSize = size }));
        Assert.Contains(instead, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Both writings answer the same for two images, whose answers differ.</summary>
    internal static void Same(string what, Architecture architecture, Func<PlainNetwork, Plane, double[]> reference)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        using var weights = ModelWeights.Empty(architecture);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            Parity.Fill(tensor, spec, gain: 1);

            // Kernels of several experts lie in rows, which the fill takes for the inputs of one output.
            if (spec.Name.Contains(".conv_", StringComparison.Ordinal) && spec.Shape.Length == 2)
            {
                tensor.mul_(8);
            }
        }

        var images = Parity.Images(architecture.InputSize);
        var logits = architecture.Forward(new Pass(weights.Tensors), images);
        var plain = new PlainNetwork(architecture, weights);

        // Far more than the two writings may differ by.
        var apart = (logits[0] - logits[1]).abs().max().item<float>() / logits.abs().max().item<float>();
        Assert.True(apart > 2e-4, $"{what}: {apart}");
        for (var n = 0; n < 2; n++)
        {
            var image = new Plane(architecture.InputSize, 3) { Values = [.. images[n].permute(1, 2, 0).contiguous().data<float>().ToArray().Select(v => (double)v)] };
            var expected = reference(plain, image);
            var found = logits[n].data<float>().ToArray();
            Assert.All(expected.Zip(found), p => Assert.True(
                Math.Abs(p.First - p.Second) < 1e-5 * expected.Max(Math.Abs), $"{what}: {string.Join(' ', found)} for {string.Join(' ', expected)}"));
        }
    }
}
