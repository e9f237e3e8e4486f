using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Swin and Swin V2, transformers whose attention stays within shifted windows (Liu et al. 2021, 2022; S3: Chen et al. 2021), as timm's
/// <c>swin_transformer.py</c>, <c>swin_transformer_v2.py</c> and <c>swin_transformer_v2_cr.py</c> have them.
/// </summary>
public static class Swin
{
    /// <summary>What makes a Swin.</summary>
    public sealed record Config
    {
        /// <summary>Blocks a stage; every second one shifts its windows by half their size.</summary>
        public required ImmutableArray<int> Depths { get; init; }

        /// <summary>Channels of the first stage; each stage doubles them.</summary>
        public required int Width { get; init; }

        /// <summary>Heads of the attention in the first stage; each stage doubles them.</summary>
        public required int Heads { get; init; }

        /// <summary>Side of a window in tokens, stage by stage; one that is not smaller than the image takes all of it.</summary>
        public ImmutableArray<int> Windows { get; init; } = [7, 7, 7, 7];

        /// <summary>
        /// Version 2: normalisations behind attention and MLP, attention by the angle between query and key, and biases from a small
        /// network over the logarithm of the relative place.
        /// </summary>
        public bool Version2 { get; init; }

        /// <summary>
        /// Version 2 as Christoph Reich wrote it (timm's <c>swinv2_cr</c>): windows are an eighth of the first stage's side at every stage,
        /// and other are the network of biases, the joining of tokens, and where normalisations stand.
        /// </summary>
        public bool Cr { get; init; }

        /// <summary>A normalisation behind the last block of every stage, not of the last alone (timm's <c>ns</c>; of <see cref="Cr"/>).</summary>
        public bool NormsStages { get; init; }

        /// <summary>A normalisation behind every so many blocks of a stage also; 0 goes without (of <see cref="Cr"/>).</summary>
        public int NormPeriod { get; init; }

        /// <summary>Side of the windows in pre-training, to which version 2's places refer; null is the window itself.</summary>
        public ImmutableArray<int>? PretrainedWindows { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 0.9 };
    }

    private const int Patch = 4;

    private const double Epsilon = 1e-5;

    // Of the network over relative places (version 2).
    private const long PlaceFeatures = 512;

    // Of Christoph Reich's, its dropout, and windows along a side of the first stage.
    private const long CrPlaceFeatures = 384;
    private const double CrPlaceDropout = 0.125;
    private const int CrWindows = 8;

    private static readonly Config Tiny = new() { Depths = [2, 2, 6, 2], Width = 96, Heads = 3 };
    private static readonly Config Small = Tiny with { Depths = [2, 2, 18, 2] };
    private static readonly Config Base = Small with { Width = 128, Heads = 4 };
    private static readonly Config Large = Small with { Width = 192, Heads = 6 };

    /// <summary>All of them, by timm's name.</summary>
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
        ("swinv2_cr_tiny_ns_224", Cr(Tiny) with { NormsStages = true }),
        ("swinv2_cr_small_384", Cr(Small, 384)),
        ("swinv2_cr_small_224", Cr(Small)),
        ("swinv2_cr_small_ns_224", Cr(Small) with { NormsStages = true }),
        ("swinv2_cr_small_ns_256", Cr(Small, 256) with { NormsStages = true }),
        ("swinv2_cr_base_384", Cr(Base, 384)),
        ("swinv2_cr_base_224", Cr(Base)),
        ("swinv2_cr_base_ns_224", Cr(Base) with { NormsStages = true }),
        ("swinv2_cr_large_384", Cr(Large, 384)),
        ("swinv2_cr_large_224", Cr(Large)),
        ("swinv2_cr_huge_384", Cr(Small, 384) with { Width = 352, Heads = 11, NormPeriod = 6 }),
        ("swinv2_cr_huge_224", Cr(Small) with { Width = 352, Heads = 8, NormPeriod = 6 }),
        ("swinv2_cr_giant_384", Cr(Small, 384) with { Depths = [2, 2, 42, 2], Width = 512, Heads = 16, NormPeriod = 6 }),
        ("swinv2_cr_giant_224", Cr(Small) with { Depths = [2, 2, 42, 2], Width = 512, Heads = 16, NormPeriod = 6 }),
    ], Declare) with
    {
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

    // timm's group_matcher.
    private static readonly LayerGroups GroupRules = LayerGroups.Create(
        "patch_embed", (@"(?:layers|stages)\.(\d+)\.downsample", 0), (@"(?:layers|stages)\.(\d+)\.\w+\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>; its features are (N, C, H, W).</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of 32: a stage would have half a token.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var stages = config.Depths.Length;
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, Patch << (stages - 1));
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
            var place = new Place(size / Patch >> stage, window, config.PretrainedWindows?[stage]);
            for (var block = 0; block < config.Depths[stage]; block++, index++)
            {
                var dropPath = Nn.DropPathAt(index, blocks, options.DropPath);
                var inner = scope["blocks"][block];
                parts.Add(DeclareBlock(inner, config, place, shifts: block % 2 == 1, width, config.Heads << stage, NormsBehind(config, stage, block), dropPath));
            }
        }

        if (!config.Cr)
        {
            parts.Add(Nn.LayerNorm(root["norm"], width, Epsilon));
        }

        parts.Add((_, x) => Nn.ChannelsToFront(x));
        var head = Nn.PooledHead(root["head"], width, options, Matrices(config));
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>How a stage's image is cut into windows.</summary>
    private sealed record Place
    {
        public Place(int side, int window, int? pretrained)
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

            Spread = Nn.SpreadBias(Window);
        }

        /// <summary>Side of the image in tokens.</summary>
        public int Side { get; }

        /// <summary>Side of a window in tokens.</summary>
        public int Window { get; }

        /// <summary>By how many tokens every second block rolls the image; 0 where one window holds it all.</summary>
        public int Shift { get; }

        /// <summary>Side when the last windows are filled up with zeros.</summary>
        public int Padded { get; }

        /// <summary>Side of a window in pre-training.</summary>
        public int Pretrained { get; }

        /// <summary>Brings biases of places to pairs of tokens; the stage's blocks share its table.</summary>
        public Layer Spread { get; }

        /// <summary>What the windows of a rolled image may not see.</summary>
        public Func<torch.Tensor, torch.Tensor>? Mask { get; }
    }

    /// <summary>Whether a normalisation stands behind a block.</summary>
    private static bool NormsBehind(Config config, int stage, int block) => config.Cr
        && ((config.NormPeriod > 0 && (block + 1) % config.NormPeriod == 0)
            || (block + 1 == config.Depths[stage] && (config.NormsStages || stage + 1 == config.Depths.Length)));

    /// <summary>How matrices start.</summary>
    private static LinearOptions Matrices(Config config) => config.Cr ? new() : LinearOptions.Small;

    /// <summary>Two by two tokens, row after column, to one of twice the channels.</summary>
    private static Layer DeclareMerging(ParameterScope scope, Config config, long width)
    {
        var plain = Matrices(config) with { Bias = false };
        var parts = config is { Version2: true, Cr: false }
            ? Nn.Sequence(Nn.Linear(scope["reduction"], 4 * width, 2 * width, plain), Nn.LayerNorm(scope["norm"], 2 * width, Epsilon))
            : Nn.Sequence(Nn.LayerNorm(scope["norm"], 4 * width, Epsilon), Nn.Linear(scope["reduction"], 4 * width, 2 * width, plain));
        return Nn.Tidy((pass, x) => parts(pass, x
            .reshape(x.shape[0], x.shape[1] / 2, 2, x.shape[2] / 2, 2, width)
            .permute(0, 1, 3, 4, 2, 5)
            .reshape(x.shape[0], x.shape[1] / 2, x.shape[2] / 2, 4 * width)));
    }

    private static Layer DeclareBlock(
        ParameterScope scope, Config config, Place place, bool shifts, long width, int heads, bool normsBehind, double dropPath)
    {
        Layer Attention() =>
            Nn.Windowed(DeclareAttention(scope["attn"], config, place, shifts, width, heads), place.Side, place.Window, shifts ? place.Shift : 0);

        Layer Mlp() => Nn.Mlp(scope["mlp"], width, 4 * width, Nn.Gelu, Matrices(config));

        Layer Norm(string part) => Nn.LayerNorm(scope[part], width, Epsilon, config.Version2 ? Initializer.Zeros : null);

        var branch1 = config.Version2 ? Nn.Sequence(Attention(), Norm("norm1")) : Nn.Sequence(Norm("norm1"), Attention());
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath);
        var branch2 = config.Version2 ? Nn.Sequence(Mlp(), Norm("norm2")) : Nn.Sequence(Norm("norm2"), Mlp());
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath);
        var behind = normsBehind ? Nn.LayerNorm(scope["norm3"], width, Epsilon) : null;
        return Nn.Checkpointed(Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            var sum = add2(pass, attended, branch2(pass, attended));
            return behind is null ? sum : behind(pass, sum);
        }));
    }

    /// <summary>Multi-head self-attention over windows (windows, tokens, C) with a bias for each relative place.</summary>
    private static Layer DeclareAttention(ParameterScope scope, Config config, Place place, bool shifts, long width, int heads)
    {
        var (project, bias) = config switch
        {
            { Cr: true } => (DeclareCrCosine(scope, width, heads), (Func<ForwardContext, torch.Tensor>?)null),
            { Version2: true } => DeclareCosine(scope, place, width, heads),
            _ => DeclarePlain(scope, place, width, heads),
        };
        var projection = Nn.Linear(scope["proj"], width, width, Matrices(config));
        bias ??= DeclareCrBias(scope, place, heads);
        var mask = shifts ? place.Mask : null;
        return Nn.Tidy((pass, x) =>
        {
            var parts = project(pass, x);
            var added = bias(pass);
            if (mask is not null && pass.Tally is null)
            {
                // Every image of the batch has the same windows.
                var seen = added + mask(added).unsqueeze(1);
                added = seen.unsqueeze(0).expand(x.shape[0] / seen.shape[0], -1, -1, -1, -1).reshape(x.shape[0], heads, x.shape[1], x.shape[1]);
            }

            var mixed = Nn.Attend(pass, scope.Path, parts[0], parts[1], parts[2], added);
            return projection(pass, mixed.transpose(1, 2).reshape(x.shape));
        });
    }

    /// <summary>Queries, keys and values, and the biases (1, heads, tokens, tokens): version 1, a table of biases.</summary>
    private static (Func<ForwardContext, torch.Tensor, torch.Tensor[]> Project, Func<ForwardContext, torch.Tensor> Bias) DeclarePlain(
        ParameterScope scope, Place place, long width, int heads)
    {
        long places = (2 * place.Window) - 1;
        var table = scope.Parameter("relative_position_bias_table", [places * places, heads], new Initializer.TruncatedNormal(0.02), decays: false, relativePlaces: true);
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width, LinearOptions.Small);
        return ((pass, x) => Nn.SplitHeads(qkv(pass, x), heads), pass => place.Spread(pass, pass[table]));
    }

    /// <summary>The same for version 2: the angle between query and key, and biases from a network over the place.</summary>
    private static (Func<ForwardContext, torch.Tensor, torch.Tensor[]> Project, Func<ForwardContext, torch.Tensor> Bias) DeclareCosine(
        ParameterScope scope, Place place, long width, int heads)
    {
        var logScale = scope.Parameter("logit_scale", [heads, 1, 1], new Initializer.Constant(Math.Log(10)), decays: false);
        var queryBias = scope.Parameter("q_bias", [width], Initializer.Zeros);
        var valueBias = scope.Parameter("v_bias", [width], Initializer.Zeros);
        var network = Nn.Sequence(
            Nn.Linear(scope["cpb_mlp"][0], 2, PlaceFeatures, LinearOptions.Small with { Decays = false }),
            Nn.ReluInPlace,
            Nn.Linear(scope["cpb_mlp"][2], PlaceFeatures, heads, LinearOptions.Small with { Bias = false, Decays = false }));
        var weight = scope["qkv"].Parameter("weight", [3 * width, width], LinearOptions.Small.Start!);
        var name = scope["qkv"].Path;
        var places = Places(place);

        // PyTorch's kernel divides by the root of a head's width: multiplied in beforehand, that falls away.
        var root = Math.Sqrt((double)width / heads);
        return (
            (pass, x) =>
            {
                var bias = torch.cat([pass[queryBias], torch.zeros_like(pass[queryBias]), pass[valueBias]]);
                var parts = Nn.SplitHeads(pass.Tally?.Multiply(name, x, 3 * width) ?? F.linear(x, pass[weight], bias), heads);
                var scale = pass[logScale].clamp(max: Math.Log(100)).exp() * root;
                return [Unit(parts[0]) * scale, Unit(parts[1]), parts[2]];
            },
            pass => place.Spread(pass, network(pass, places(pass[logScale]))).sigmoid() * 16);
    }

    /// <summary>Queries, keys and values of Christoph Reich's version 2: the angle between query and key, and all with a bias.</summary>
    private static Func<ForwardContext, torch.Tensor, torch.Tensor[]> DeclareCrCosine(ParameterScope scope, long width, int heads)
    {
        var logScale = scope.Parameter("logit_scale", [heads], new Initializer.Constant(Math.Log(10)));
        var qkv = Nn.Linear(scope["qkv"], width, 3 * width);
        var root = Math.Sqrt((double)width / heads);
        return (pass, x) =>
        {
            var parts = Nn.SplitHeads(qkv(pass, x), heads);
            var scale = pass[logScale].reshape(heads, 1, 1).clamp(max: Math.Log(100)).exp() * root;
            return [Unit(parts[0]) * scale, Unit(parts[1]), parts[2]];
        };
    }

    /// <summary>
    /// Its biases, from a network over the logarithm of the place; for each place once, not for each pair of tokens as in timm: in
    /// training dropout alone tells the two apart.
    /// </summary>
    private static Func<ForwardContext, torch.Tensor> DeclareCrBias(ParameterScope scope, Place place, int heads)
    {
        var inner = scope["meta_mlp"];
        var network = Nn.Sequence(
            Nn.Linear(inner["fc1"], 2, CrPlaceFeatures),
            Nn.ReluInPlace,
            Nn.Dropout(inner.Path, CrPlaceDropout),
            Nn.Linear(inner["fc2"], CrPlaceFeatures, heads));
        var places = Nn.LogPlaces(place.Window);
        return pass => place.Spread(pass, network(pass, places(pass.Any)));
    }

    /// <summary>Each vector along the last dimension brought to length 1.</summary>
    private static torch.Tensor Unit(torch.Tensor x) => F.normalize(x, dim: -1);

    /// <summary>(places, 2): row and column of each relative place in pre-training's windows, -8 to 8 at their edges, then sign × log8(1 + |·|).</summary>
    private static Func<torch.Tensor, torch.Tensor> Places(Place place)
    {
        var across = (2 * place.Window) - 1;
        var values = new float[across * across * 2];
        for (var i = 0; i < values.Length; i++)
        {
            var offset = (i % 2 == 0 ? i / 2 / across : i / 2 % across) - (place.Window - 1);

            // In float32 throughout, as timm computes them; a window of one token has one place, which is 0.
            var scaled = offset == 0 ? 0 : offset / (float)(place.Pretrained - 1) * 8;
            values[i] = MathF.Sign(scaled) * MathF.Log2(MathF.Abs(scaled) + 1) / (float)Math.Log2(8);
        }

        return Nn.Constant(values, [across * across, 2]);
    }
}
