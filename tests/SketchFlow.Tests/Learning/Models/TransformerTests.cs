using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>
/// Forms of vision transformers that no fixture of timm's has: they are held against a second writing of timm's source in loops and
/// double precision (<see cref="PlainNetwork"/>), and against timm's published tables.
/// </summary>
public class TransformerTests
{
    private static readonly Eva.Config TinyEva = new() { Patch = 4, Width = 16, Heads = 2, Depth = 2, InputSize = 16 };
    private static readonly Eva.Config Perception = TinyEva with
    {
        Projections = Eva.Projections.Whole,
        Rotation = new() { Reference = 5, Offset = 1, ColumnFirst = true },
        PreNorm = true,
        Epsilon = 1e-5,
    };

    private static readonly Eva.Config DinoV3 = TinyEva with
    {
        Projections = Eva.Projections.FusedWithoutBias,
        Rotation = new() { Temperature = 100, Centred = true },
        Positions = false,
        LayerScale = 1e-5,
        Epsilon = 1e-5,
        Registers = 3,
        LastNorm = Eva.LastNorm.BeforePooling,
    };

    private static readonly Eva.Config RopeVit = TinyEva with
    {
        Projections = Eva.Projections.Whole,
        Rotation = new() { Temperature = 100, ColumnFirst = true },
        Positions = false,
        PositionedPrefix = false,
        LayerScale = 1e-5,
        Pooling = VisionTransformer.Pooling.Token,
        LastNorm = Eva.LastNorm.BeforePooling,
    };

    private static readonly VisionTransformer.Config TinyVit = new() { Patch = 4, Width = 16, Heads = 2, Depth = 3, MlpRatio = 2, InputSize = 16, Epsilon = 1e-3 };
    private static readonly VisionTransformer.Config Gap = TinyVit with
    {
        ClassToken = false,
        Registers = 2,
        PositionedPrefix = false,
        Pooling = VisionTransformer.Pooling.Mean,
        NormAfterPooling = true,
        LayerScale = 1e-5,
    };

    /// <summary>Six features are enough for a network over the places of 4 x 4 tokens.</summary>
    internal static readonly VisionTransformer.Config Relpos = TinyVit with
    {
        ClassToken = false,
        Positions = false,
        Places = new() { From = RelativePlace.Network, Features = 6 },
        Pooling = VisionTransformer.Pooling.Mean,
        LayerScale = 1e-6,
    };

    /// <summary>4 x 4 patches; the position embedding has 3 x 3, which is stretched.</summary>
    internal static readonly VisionTransformer.Config NaFlex = Gap with { StartsSmaller = true, Embedding = NaFlexVit.Tokens(3) };

    /// <summary>4 x 4 tokens in windows of 3, which need filling up, then all of them together.</summary>
    internal static readonly VisionTransformerSam.Config Sam = new() { Patch = 4, Width = 16, Heads = 2, Depth = 2, Global = [1], Window = 3, Neck = 6, InputSize = 16 };

    public static TheoryData<string, VisionTransformerSam.Config> Sams => new()
    {
        { "Segment Anything's", Sam },
        { "windows that fit and a normalisation for a neck", Sam with { Window = 2, Neck = 0, Positions = false } },
        { "a window larger than the image", Sam with { Window = 6 } },
    };

    public static TheoryData<string, Eva.Config> Evas => new()
    {
        { "EVA", TinyEva },
        { "BEiT", TinyEva with { PlaceBiases = true, Positions = false, LayerScale = 0.1 } },
        { "timm's rope", TinyEva with { Rotation = new() { Reference = 7 }, Positions = false, LayerScale = 1e-5, ClassToken = false, Registers = 1 } },
        { "DINOv3", DinoV3 },
        { "DINOv3 with biases", DinoV3 with { Projections = Eva.Projections.Fused } },
        { "DINOv3 with a gate", DinoV3 with { Hidden = Eva.Hidden.Gated } },
        { "a perception encoder's core", Perception with { Pooling = VisionTransformer.Pooling.Attention, LastNorm = Eva.LastNorm.BeforePooling } },
        { "a perception encoder without last norm", Perception with { LastNorm = Eva.LastNorm.None, LayerScale = 0.1 } },
        { "a perception encoder without class token", Perception with { LastNorm = Eva.LastNorm.None, ClassToken = false, Rotation = new() { Reference = 4, ColumnFirst = true } } },
        { "RoPE-ViT", RopeVit },
        { "RoPE-ViT with positions", RopeVit with { Positions = true } },
        { "RoPE-ViT by learned speeds", RopeVit with { LearnedRotation = true } },
        { "RoPE-ViT by learned speeds with positions", RopeVit with { LearnedRotation = true, Positions = true } },
    };

    public static TheoryData<string, VisionTransformer.Config> Vits => new()
    {
        { "a ViT", TinyVit },
        { "two classifiers", TinyVit with { Distilled = true } },
        { "registers and the mean", Gap },
        { "a register with a place", Gap with { PositionedPrefix = true } },
        { "differential attention", Gap with { Differential = true } },
        { "differential attention and MLP abreast", Gap with { Form = VisionTransformer.Form.OneMatrixDifferential } },
        { "attention and MLP abreast", Gap with { Form = VisionTransformer.Form.OneMatrix } },
        { "attention and MLP abreast, normalised by root mean squares", Gap with
        {
            Form = VisionTransformer.Form.OneMatrix,
            RmsNorm = true,
            QueryKeyNorm = true,
            QkvBias = false,
            PreNorm = true,
        } },
        { "two abreast", TinyVit with { Form = VisionTransformer.Form.TwoAbreast, LayerScale = 1e-5 } },
        { "normalisations behind", Gap with { Form = VisionTransformer.Form.NormBehind, QkvBias = false, Registers = 0 } },
        { "BEiT-3", TinyVit with { InnerNorm = true, Pooling = VisionTransformer.Pooling.Mean, NormAfterPooling = true } },
        { "AIMv2", TinyVit with { Aim = true, RmsNorm = true, QkvBias = false, ClassToken = false, Pooling = VisionTransformer.Pooling.Mean } },
        { "a gate from one matrix", TinyVit with { SwiGlu = true, MlpRatio = 4 } },
        { "SigLIP's pooling", TinyVit with { ClassToken = false, Pooling = VisionTransformer.Pooling.Attention, TanhGelu = true } },
        { "pooling from the register also", Gap with { Pooling = VisionTransformer.Pooling.Attention, PoolsPrefix = true, NormAfterPooling = false } },
        { "root mean squares throughout", Gap with { RmsNorm = true, PositionedPrefix = true } },
        { "CLIP", TinyVit with { PreNorm = true, QuickGelu = true } },
        { "biases for relative places", Relpos with { NormAfterPooling = true, QkvBias = false } },
        { "the same biases in all blocks", Relpos with { SharedPlaces = true } },
        { "biases for relative places, none for the class token", Relpos with { ClassToken = true, Pooling = VisionTransformer.Pooling.Token } },
        { "biases for relative places and the mean beside a class token", Relpos with { ClassToken = true } },
        { "biases for relative places and normalisations behind", Relpos with { Form = VisionTransformer.Form.NormBehind } },
        { "places stretched", NaFlex },
        { "places brought together", NaFlex with { Embedding = NaFlexVit.Tokens(7) } },
        { "places as they are", NaFlex with { Embedding = NaFlexVit.Tokens(4), Registers = 0 } },
        { "places of rows and columns, stretched", NaFlex with { Embedding = NaFlexVit.Tokens(3, factored: true) } },
        { "places of rows and columns, brought together", NaFlex with { Embedding = NaFlexVit.Tokens(7, factored: true) } },
        { "NaFlex with pooling by attention", NaFlex with { Pooling = VisionTransformer.Pooling.Attention, NormAfterPooling = false, TanhGelu = true } },
    };

    [Theory]
    [MemberData(nameof(Evas))]
    public void A_model_with_rotations_answers_what_its_definition_says_token_by_token(string what, Eva.Config config) =>
        WindowTests.Same(what, Eva.Declare("eva", config, new() { Classes = 5 }), (plain, image) => plain.Eva(image, config));

    [Theory]
    [MemberData(nameof(Vits))]
    public void A_vision_transformer_answers_what_its_definition_says_token_by_token(string what, VisionTransformer.Config config) =>
        WindowTests.Same(what, VisionTransformer.Declare("vit", config, new() { Classes = 5 }), (plain, image) => plain.Vit(image, config));

    [Theory]
    [MemberData(nameof(Sams))]
    public void An_encoder_of_segment_anything_answers_what_its_definition_says_token_by_token(string what, VisionTransformerSam.Config config) =>
        WindowTests.Same(what, VisionTransformerSam.Declare("sam", config, new() { Classes = 5 }), (plain, image) => plain.Sam(image, config));

    [Fact]
    public void Resampled_places_leave_the_tensors_as_they_are_whatever_the_image_size()
    {
        foreach (var config in new[] { NaFlex, NaFlex with { Embedding = NaFlexVit.Tokens(3, factored: true) } })
        {
            var (small, large) = (VisionTransformer.Declare("naflex", config, new() { InputSize = 8 }), VisionTransformer.Declare("naflex", config, new() { InputSize = 32 }));
            Assert.Equal(small.Tensors.Select(t => t.ToString()), large.Tensors.Select(t => t.ToString()));
        }
    }

    // What two tokens have in common depends on how far apart they lie, not on where they lie.
    [Theory]
    [InlineData("axial")]
    [InlineData("centred")]
    [InlineData("learned")]
    public void Turned_queries_and_keys_know_the_way_between_their_places_alone(string kind)
    {
        const int Side = 6;
        const int Heads = 3;
        const int Width = 8;
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var root = Scope.Root();
        var speeds = Layers.RotationSpeeds(root["rope"], 2, Heads, Width, 10);
        var rotation = kind switch
        {
            "axial" => Layers.Rotation(new() { Temperature = 100, Offset = 1, ColumnFirst = true }, Side, Width, prefix: 2),
            "centred" => Layers.Rotation(new() { Temperature = 100, Centred = true }, Side, Width, prefix: 2),
            _ => Layers.LearnedRotation(speeds, 1, Side, prefix: 2),
        };
        var random = new torch.Generator(3);
        var pass = new Pass([torch.randn([2, 2, Heads, Width / 2], torch.float64, generator: random)]);

        // The same query, and the same key, stand at all places.
        var (query, key) = (Everywhere(), Everywhere());
        var (turnedQuery, turnedKey) = rotation(pass, query, key);
        Assert.True(query.narrow(2, 0, 2).Same(turnedQuery.narrow(2, 0, 2)));
        Assert.True(turnedQuery.norm(3).allclose(query.norm(3)));
        var alike = turnedQuery.narrow(2, 2, Side * Side).matmul(turnedKey.narrow(2, 2, Side * Side).transpose(2, 3));
        for (var head = 0; head < Heads; head++)
        {
            var (near, moved) = (alike[0, head, At(0, 1), At(2, 0)].item<double>(), alike[0, head, At(3, 4), At(5, 3)].item<double>());
            Assert.Equal(near, moved, 1e-5);
            Assert.NotEqual(near, alike[0, head, At(2, 0), At(0, 1)].item<double>(), 1e-5);
        }

        static int At(int row, int column) => (row * Side) + column;

        torch.Tensor Everywhere() => torch.randn([1, Heads, 1, Width], torch.float64, generator: random).expand(1, Heads, 2 + (Side * Side), Width).contiguous();
    }

    [Fact]
    public void Learned_speeds_start_as_two_sets_of_bands_at_right_angles_and_each_head_is_turned_by_its_own_angle()
    {
        var architecture = Zoo.Build("vit_small_patch16_rope_mixed_224", new() { Classes = 2, InputSize = 32 });
        using var scope = torch.NewDisposeScope();
        using var weights = ModelWeights.Fresh(architecture, 4);

        // 12 blocks of 6 heads of 64 channels: 16 bands, twice.
        var speeds = weights["rope.freqs"];
        Assert.Equal([2L, 12L, 6L, 32L], speeds.shape);
        var expected = torch.pow(10, -torch.arange(16) / 16.0).to(torch.float32);
        var (first, second) = (speeds.narrow(3, 0, 16), speeds.narrow(3, 16, 16));
        Assert.True((first[0].square() + first[1].square()).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True((second[0].square() + second[1].square()).sqrt().allclose(expected.expand(12, 6, 16), 1e-5, 1e-6));
        Assert.True(((first[0] * second[0]) + (first[1] * second[1])).abs().max().item<float>() < 1e-6);
        var angles = torch.atan2(first[1], first[0])[.., .., 0].flatten().data<float>().ToArray();
        Assert.Equal(72, angles.Distinct().Count());
        Assert.InRange(angles.Average(), -0.7, 0.7);
    }
}
