using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Swin and Swin V2: transformers with attention within shifted windows (Liu et al. 2021, 2022; S3: Chen et al. 2021). Follows timm's
/// <c>swin_transformer.py</c>, <c>swin_transformer_v2.py</c> and <c>swin_transformer_v2_cr.py</c>.
/// </summary>
public static class Swin
{
    /// <summary>Configuration of a Swin transformer.</summary>
    public sealed record Config
    {
        /// <summary>Number of blocks per stage; every second block shifts its windows by half their size.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Number of channels of the first stage; each stage doubles it.</summary>
        public required int Width { get; init; }

        /// <summary>Number of attention heads in the first stage; each stage doubles it.</summary>
        public required int Heads { get; init; }

        /// <summary>Side of the windows per stage, in tokens; a window at least as large as the image covers all of it.</summary>
        public ImmutableArray<int> Windows { get; init; } = [7, 7, 7, 7];

        /// <summary>
        /// Whether this is version 2: normalisations after attention and MLP, cosine attention, and biases from a small network over the
        /// logarithm of the relative position.
        /// </summary>
        public bool Version2 { get; init; }

        /// <summary>
        /// Whether this is Christoph Reich's implementation of version 2 (timm's <c>swinv2_cr</c>): the side of windows is an eighth of the first
        /// stage's side at every stage, and the bias network, the patch merging and the positions of the normalisations differ.
        /// </summary>
        public bool Cr { get; init; }

        /// <summary>Whether a normalisation follows every stage instead of only the last (timm's <c>ns</c>; for <see cref="Cr"/>).</summary>
        public bool StageNorms { get; init; }

        /// <summary>Number of blocks between additional normalisations within a stage; 0 has none (for <see cref="Cr"/>).</summary>
        public int ExtraNormPeriod { get; init; }

        /// <summary>Side of the windows in pre-training per stage, which scales version 2's relative positions; null is the window itself.</summary>
        public ImmutableArray<int>? PretrainedWindows { get; init; }

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 0.9 };
    }

    private const int Patch = 4;

    private const double Epsilon = 1e-5;

    // Hidden features of the bias network (version 2).
    private const long BiasFeatures = 512;

    // Hidden features and dropout of the bias network in Christoph Reich's implementation, and windows along a side of its first stage.
    private const long CrBiasFeatures = 384;
    private const double CrBiasDropout = 0.125;
    private const int CrWindows = 8;

    private static readonly Config Tiny = new() { Depths = [2, 2, 6, 2], Width = 96, Heads = 3 };
    private static readonly Config Small = Tiny with { Depths = [2, 2, 18, 2] };
    private static readonly Config Base = Small with { Width = 128, Heads = 4 };
    private static readonly Config Large = Small with { Width = 192, Heads = 6 };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("Swin",
    [
        ("swin_tiny_patch4_window7_224", Tiny),
        ("swin_small_patch4_window7_224", Small),
        ("swin_base_patch4_window7_224", Base),
        ("swin_base_patch4_window12_384", At(Base, 384, 12)),
        ("swin_large_patch4_window7_224", Large),
        ("swin_large_patch4_window12_384", At(Large, 384, 12)),
        ("swin_s3_tiny_224", Tiny with { Windows = [7, 7, 14, 7] }),
        ("swin_s3_small_224", Small with { Windows = [14, 14, 14, 7] }),
        ("swin_s3_base_224", Small with { Depths = [2, 2, 30, 2], Windows = [7, 7, 14, 7] }),
        ("swinv2_tiny_window8_256", V2(Tiny, 256, 8)),
        ("swinv2_tiny_window16_256", V2(Tiny, 256, 16)),
        ("swinv2_small_window8_256", V2(Small, 256, 8)),
        ("swinv2_small_window16_256", V2(Small, 256, 16)),
        ("swinv2_base_window8_256", V2(Base, 256, 8)),
        ("swinv2_base_window16_256", V2(Base, 256, 16)),
        ("swinv2_base_window12_192", V2(Base, 192, 12)),
        ("swinv2_base_window12to16_192to256", Finetuned(V2(Base, 256, 16))),
        ("swinv2_base_window12to24_192to384", Finetuned(V2(Base, 384, 24))),
        ("swinv2_large_window12_192", V2(Large, 192, 12)),
        ("swinv2_large_window12to16_192to256", Finetuned(V2(Large, 256, 16))),
        ("swinv2_large_window12to24_192to384", Finetuned(V2(Large, 384, 24))),
        ("swinv2_cr_tiny_384", Cr(Tiny, 384)),
        ("swinv2_cr_tiny_224", Cr(Tiny)),
        ("swinv2_cr_tiny_ns_224", Cr(Tiny) with { StageNorms = true }),
        ("swinv2_cr_small_384", Cr(Small, 384)),
        ("swinv2_cr_small_224", Cr(Small)),
        ("swinv2_cr_small_ns_224", Cr(Small) with { StageNorms = true }),
        ("swinv2_cr_small_ns_256", Cr(Small, 256) with { StageNorms = true }),
        ("swinv2_cr_base_384", Cr(Base, 384)),
        ("swinv2_cr_base_224", Cr(Base)),
        ("swinv2_cr_base_ns_224", Cr(Base) with { StageNorms = true }),
        ("swinv2_cr_large_384", Cr(Large, 384)),
        ("swinv2_cr_large_224", Cr(Large)),
        ("swinv2_cr_huge_384", Cr(Small, 384) with { Width = 352, Heads = 11, ExtraNormPeriod = 6 }),
        ("swinv2_cr_huge_224", Cr(Small) with { Width = 352, Heads = 8, ExtraNormPeriod = 6 }),
        ("swinv2_cr_giant_384", Cr(Small, 384) with { Depths = [2, 2, 42, 2], Width = 512, Heads = 16, ExtraNormPeriod = 6 }),
        ("swinv2_cr_giant_224", Cr(Small) with { Depths = [2, 2, 42, 2], Width = 512, Heads = 16, ExtraNormPeriod = 6 }),
    ], Declare) with
    {
        Order = 20,
        FineTunesAsLarge = true,
    };

    private static Config At(Config config, int size, int window) => config with
    {
        InputSize = size,
        Windows = [window, window, window, window],
        Preprocessing = config.Preprocessing with { CropPct = size == 384 ? 1 : 0.9 },
    };

    private static Config V2(Config config, int size, int window) => At(config, size, window) with { Version2 = true };

    private static Config Cr(Config config, int size = 224) => config with
    {
        Version2 = true,
        Cr = true,
        InputSize = size,
        Preprocessing = config.Preprocessing with { CropPct = size == 224 ? 0.9 : 1 },
    };

    private static Config Finetuned(Config config) => config with { PretrainedWindows = [12, 12, 12, 6] };

    // Follows timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        "patch_embed", (@"(?:layers|stages)\.(\d+)\.downsample", 0), (@"(?:layers|stages)\.(\d+)\.\w+\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration; its features are (N, C, H, W).</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of 32, so that a stage would have half a token.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var stages = config.Depths.Length;
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: Patch << (stages - 1));
        var root = ParameterScope.Root();
        var embed = root["patch_embed"];
        long width = config.Width;
        var parts = new List<Layer>
        {
            Nn.Conv2d(embed["proj"], 3, width, new() { Kernel = Patch, Stride = Patch, Padding = 0, Bias = true }),
            (_, x) => Nn.ChannelsToEnd(x),
            Nn.LayerNorm(embed["norm"], width, Epsilon),
        };
        var (index, blocks) = (0, config.Depths.Sum());
        for (var stage = 0; stage < stages; stage++)
        {
            var scope = root[config.Cr ? "stages" : "layers"][stage];
            if (stage > 0)
            {
                parts.Add(DeclareMerging(scope["downsample"], config, width));
                width *= 2;
            }

            var window = config.Cr ? size / Patch / CrWindows : config.Windows[stage];
            var windows = new StageWindows(size / Patch >> stage, window, config.PretrainedWindows?[stage]) { Width = width, Heads = config.Heads << stage };
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Nn.DropPathAt(index, blocks, options.DropPath);
                parts.Add(DeclareBlock(scope["blocks"][block], config, windows, shifts: block % 2 == 1, HasNormAfter(config, stage, block), dropPath));
            }
        }

        if (!config.Cr)
        {
            parts.Add(Nn.LayerNorm(root["norm"], width, Epsilon));
        }

        parts.Add((_, x) => Nn.ChannelsToFront(x));
        var head = Nn.PooledHead(root["head"], width, options, Linear(config));
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>Partition of a stage's image into windows, with the stage's width and heads.</summary>
    private sealed record StageWindows
    {
        public StageWindows(int side, int window, int? pretrained)
        {
            Side = side;
            Window = Math.Min(side, window);
            Shift = side > Window ? Window / 2 : 0;
            Padded = (side + Window - 1) / Window * Window;
            Pretrained = pretrained ?? Window;
            if (Shift > 0)
            {
                var (windows, tokens) = (Padded / Window * (Padded / Window), Window * Window);
                Mask = Nn.Constant(() => Nn.ShiftMask(Padded, Window, Shift), [windows, tokens, tokens]);
            }

            GatherBias = Nn.GatherRelativeBias(Window);
        }

        /// <summary>Number of channels per token.</summary>
        public required long Width { get; init; }

        /// <summary>Number of attention heads.</summary>
        public required int Heads { get; init; }

        /// <summary>Side of the image in tokens.</summary>
        public int Side { get; }

        /// <summary>Side of a window in tokens.</summary>
        public int Window { get; }

        /// <summary>Number of tokens by which every second block rolls the image; 0 if one window covers it.</summary>
        public int Shift { get; }

        /// <summary>Side of the image after padding to whole windows.</summary>
        public int Padded { get; }

        /// <summary>Side of a window in pre-training.</summary>
        public int Pretrained { get; }

        /// <summary>Layer that gathers relative biases for pairs of tokens; the stage's blocks share its table of indices.</summary>
        public Layer GatherBias { get; }

        /// <summary>Attention mask of the windows of a rolled image; null without a shift.</summary>
        public Func<Value, Value>? Mask { get; }
    }

    /// <summary>Returns whether a normalisation follows a block.</summary>
    private static bool HasNormAfter(Config config, int stage, int block) => config.Cr
        && ((config.ExtraNormPeriod > 0 && (block + 1) % config.ExtraNormPeriod == 0)
            || (block + 1 == config.Depths[stage] && (config.StageNorms || stage + 1 == config.Depths.Length)));

    /// <summary>Returns the initialisation of the fully connected layers.</summary>
    private static LinearOptions Linear(Config config) => config.Cr ? new() : LinearOptions.TruncatedNormal;

    /// <summary>Declares patch merging: 2 × 2 tokens, column by column, become one token with twice the channels.</summary>
    private static Layer DeclareMerging(ParameterScope scope, Config config, long width)
    {
        var plain = Linear(config) with { Bias = false };
        var parts = config is { Version2: true, Cr: false }
            ? Nn.Sequential(Nn.Linear(scope["reduction"], 4 * width, 2 * width, plain), Nn.LayerNorm(scope["norm"], 2 * width, Epsilon))
            : Nn.Sequential(Nn.LayerNorm(scope["norm"], 4 * width, Epsilon), Nn.Linear(scope["reduction"], 4 * width, 2 * width, plain));
        return Nn.Tidy((pass, x) => parts(pass, x
            .Reshape(x.Shape[0], x.Shape[1] / 2, 2, x.Shape[2] / 2, 2, width)
            .Permute(0, 1, 3, 4, 2, 5)
            .Reshape(x.Shape[0], x.Shape[1] / 2, x.Shape[2] / 2, 4 * width)));
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, StageWindows windows, bool shifts, bool normAfter, double dropPath)
    {
        var width = windows.Width;

        Layer Attention() =>
            Nn.Windowed(DeclareAttention(scope["attn"], config, windows, shifts), windows.Side, windows.Window, shifts ? windows.Shift : 0);

        Layer Mlp() => Nn.Mlp(scope["mlp"], width, 4 * width, new() { Linear = Linear(config) });

        Layer Norm(string part) => Nn.LayerNorm(scope[part], width, Epsilon, config.Version2 ? Initializer.Zeros : null);

        var branch1 = config.Version2 ? Nn.Sequential(Attention(), Norm("norm1")) : Nn.Sequential(Norm("norm1"), Attention());
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath);
        var branch2 = config.Version2 ? Nn.Sequential(Mlp(), Norm("norm2")) : Nn.Sequential(Norm("norm2"), Mlp());
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath);
        var last = normAfter ? Nn.LayerNorm(scope["norm3"], width, Epsilon) : null;
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            var sum = add2(pass, attended, branch2(pass, attended));
            return last is null ? sum : last(pass, sum);
        }));
    }

    /// <summary>Declares multi-head self-attention over windows (windows, tokens, C) with a bias for each relative position.</summary>
    private static Layer DeclareAttention(ParameterScope scope, Config config, StageWindows windows, bool shifts)
    {
        var (width, heads) = (windows.Width, windows.Heads);
        var (project, bias) = config switch
        {
            { Cr: true } => (DeclareCrCosine(scope, width, heads), (Func<ForwardContext, Value>?)null),
            { Version2: true } => DeclareCosine(scope, windows),
            _ => DeclarePlain(scope, windows),
        };
        var projection = Nn.Linear(scope["proj"], width, width, Linear(config));
        bias ??= DeclareCrBias(scope, windows);
        var mask = shifts ? windows.Mask : null;
        return Nn.Tidy((pass, x) =>
        {
            var parts = project(pass, x);
            var added = bias(pass);
            if (mask is not null)
            {
                // The windows are equal for every image of the batch.
                var masked = added + mask(added).Unsqueeze(1);
                added = masked.Unsqueeze(0)
                    .Expand(x.Shape[0] / masked.Shape[0], -1, -1, -1, -1)
                    .Reshape(x.Shape[0], heads, x.Shape[1], x.Shape[1]);
            }

            var mixed = Nn.ScaledDotProductAttention(pass, scope.Path, parts[0], parts[1], parts[2], added);
            return projection(pass, mixed.Transpose(1, 2).Reshape(x.Shape));
        });
    }

    /// <summary>Declares version 1's projection to queries, keys and values, and its table of biases (1, heads, tokens, tokens).</summary>
    private static (Func<ForwardContext, Value, Value[]> Project, Func<ForwardContext, Value> Bias) DeclarePlain(
        ParameterScope scope, StageWindows windows)
    {
        var (width, heads, across) = (windows.Width, windows.Heads, (2L * windows.Window) - 1);
        var table = scope.Parameter(
            "relative_position_bias_table", [across * across, heads], new Initializer.TruncatedNormal(0.02), ParameterOptions.RelativeBiasTable);
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width, LinearOptions.TruncatedNormal);
        return ((pass, x) => Nn.SplitHeads(qkv(pass, x), heads), pass => windows.GatherBias(pass, pass[table]));
    }

    /// <summary>Declares version 2's projection for cosine attention, and its biases from a network over the relative position.</summary>
    private static (Func<ForwardContext, Value, Value[]> Project, Func<ForwardContext, Value> Bias) DeclareCosine(
        ParameterScope scope, StageWindows windows)
    {
        var (width, heads) = (windows.Width, windows.Heads);
        var logScale = scope.Parameter("logit_scale", [heads, 1, 1], new Initializer.Constant(Math.Log(10)), ParameterOptions.NoDecay);
        var queryBias = scope.Parameter("q_bias", [width], Initializer.Zeros);
        var valueBias = scope.Parameter("v_bias", [width], Initializer.Zeros);
        var network = Nn.Sequential(
            Nn.Linear(scope["cpb_mlp"][0], 2, BiasFeatures, LinearOptions.TruncatedNormal with { Decays = false }),
            Nn.ReluInPlace,
            Nn.Linear(scope["cpb_mlp"][2], BiasFeatures, heads, LinearOptions.TruncatedNormal with { Bias = false, Decays = false }));
        var weight = scope["qkv"].Parameter("weight", [3 * width, width], LinearOptions.TruncatedNormal.WeightInitializer!);
        var name = scope["qkv"].Path;
        var positions = ScaledRelativePositions(windows);

        // Cancels the division by the root of the head width in PyTorch's kernel.
        var root = Math.Sqrt((double)width / heads);
        return (
            (pass, x) =>
            {
                var bias = Value.Concatenate([pass[queryBias], pass[queryBias].ZerosLike(), pass[valueBias]]);
                var parts = Nn.SplitHeads(pass.Named(name, LayerKind.Linear, x.Linear(pass[weight], bias)), heads);
                var scale = pass[logScale].Clamp(Math.Log(100)).Exp() * root;
                return [Unit(parts[0]) * scale, Unit(parts[1]), parts[2]];
            },
            pass => windows.GatherBias(pass, network(pass, positions(pass[logScale]))).Sigmoid() * 16);
    }

    /// <summary>Declares the projection for cosine attention in Christoph Reich's implementation, with a bias for queries, keys and values.</summary>
    private static Func<ForwardContext, Value, Value[]> DeclareCrCosine(ParameterScope scope, long width, int heads)
    {
        var logScale = scope.Parameter("logit_scale", [heads], new Initializer.Constant(Math.Log(10)));
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width);
        var root = Math.Sqrt((double)width / heads);
        return (pass, x) =>
        {
            var parts = Nn.SplitHeads(qkv(pass, x), heads);
            var scale = pass[logScale].Reshape(heads, 1, 1).Clamp(Math.Log(100)).Exp() * root;
            return [Unit(parts[0]) * scale, Unit(parts[1]), parts[2]];
        };
    }

    /// <summary>
    /// Declares the biases of Christoph Reich's implementation, from a network over the logarithm of the relative position. The network runs
    /// once per position instead of once per pair of tokens as in timm; the two differ only by dropout in training.
    /// </summary>
    private static Func<ForwardContext, Value> DeclareCrBias(ParameterScope scope, StageWindows windows)
    {
        var inner = scope["meta_mlp"];
        var network = Nn.Sequential(
            Nn.Linear(inner["fc1"], 2, CrBiasFeatures),
            Nn.ReluInPlace,
            Nn.Dropout(inner.Path, CrBiasDropout),
            Nn.Linear(inner["fc2"], CrBiasFeatures, windows.Heads));
        var positions = Nn.LogRelativePositions(windows.Window);
        return pass => windows.GatherBias(pass, network(pass, positions(pass.AnyWeight)));
    }

    /// <summary>Scales each vector along the last dimension to length 1.</summary>
    private static Value Unit(Value x) => x.UnitVector();

    /// <summary>
    /// Returns (positions, 2), the row and column of each relative position, scaled to -8 to 8 at the edges of the pre-training windows, as
    /// sign × log8(1 + |·|).
    /// </summary>
    private static Func<Value, Value> ScaledRelativePositions(StageWindows windows)
    {
        var across = (2 * windows.Window) - 1;
        var values = new float[across * across * 2];
        for (var i = 0; i < values.Length; i++)
        {
            var offset = (i % 2 == 0 ? i / 2 / across : i / 2 % across) - (windows.Window - 1);

            // Computed in float32 throughout, like timm; a window of one token has a single position, which is 0.
            var scaled = offset == 0 ? 0 : offset / (float)(windows.Pretrained - 1) * 8;
            values[i] = MathF.Sign(scaled) * MathF.Log2(MathF.Abs(scaled) + 1) / (float)Math.Log2(8);
        }

        return Nn.Constant(values, [across * across, 2]);
    }
}
