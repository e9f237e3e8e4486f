using SketchFlow.Learning.Models;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>MaxViT, MaxxViT and CoAtNet.</summary>
internal sealed partial class PlainNetwork
{
    /// <summary>How a block of convolutions goes, in the words of timm's <c>MaxxVitConvCfg</c>.</summary>
    /// <param name="Act">Its activation.</param>
    /// <param name="Epsilon">Of its batch normalisations.</param>
    /// <param name="Before">Zeros above and to the left at stride 2.</param>
    private sealed record Bottleneck(Func<double, double> Act, double Epsilon, int Before)
    {
        public bool PreNormAct { get; init; }

        public bool StridePool { get; init; }

        public bool MaxPool { get; init; }

        public bool AttentionEarly { get; init; }

        public bool ReluGate { get; init; }
    }

    /// <summary>Logits of <paramref name="image"/> through a MaxViT.</summary>
    public double[] MaxVit(Plane image, MaxVit.Config config)
    {
        var window = image.Side / 32;

        // TensorFlow's padding at stride 2 of an even side: nothing before, one behind.
        var bottleneck = config.TensorFlow ? new Bottleneck(GeluTanh, 1e-3, 0) : new Bottleneck(Silu, 1e-5, 1);
        var (epsilon, act) = config.TensorFlow ? (1e-5, (Func<double, double>)GeluTanh) : (1e-6, Gelu);
        var x = Stem(image, bottleneck, config.ConvNext);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var (name, stride) = ($"stages.{stage}.blocks.{block}", block == 0 ? 2 : 1);
                if (config.Abreast)
                {
                    x = MbConv(MbConv(x, $"{name}.conv.0", stride, bottleneck), $"{name}.conv.1", 1, bottleneck);
                    x = Transformer(x, $"{name}.attn", (y, p) => Side(Window(y, $"{p}_block", false), Window(y, $"{p}_grid", true)));
                    continue;
                }

                x = config.ConvNext ? ConvNext(x, $"{name}.conv", stride) : MbConv(x, $"{name}.conv", stride, bottleneck);
                if (!config.GridAlone)
                {
                    x = Transformer(x, $"{name}.attn_block", (y, p) => Window(y, p, false));
                }

                x = Transformer(x, $"{name}.attn_grid", (y, p) => Window(y, p, true));
            }
        }

        return Classify(x, config.HiddenHead, y => Norm("norm", y, epsilon), epsilon);

        Plane Window(Plane y, string name, bool grid) => WindowsOrGrid(y, name, config.Places, window, grid, config.TensorFlow);

        Plane Transformer(Plane y, string name, Func<Plane, string, Plane> attention)
        {
            y = y.Plus(Scale($"{name}.ls1", attention(Norm($"{name}.norm1", y, epsilon), $"{name}.attn")));
            return y.Plus(Scale($"{name}.ls2", Mlp(Norm($"{name}.norm2", y, epsilon), $"{name}.mlp", act)));
        }

        static Plane Side(Plane a, Plane b)
        {
            var both = new Plane(a.Side, a.Channels + b.Channels);
            for (var i = 0; i < both.Values.Length; i++)
            {
                var (pixel, channel) = (i / both.Channels, i % both.Channels);
                both.Values[i] = channel < a.Channels ? a.Values[(pixel * a.Channels) + channel] : b.Values[(pixel * b.Channels) + channel - a.Channels];
            }

            return both;
        }
    }

    /// <summary>Logits of <paramref name="image"/> through a CoAtNet.</summary>
    public double[] CoAtNet(Plane image, CoAtNet.Config config)
    {
        var bottleneck = new Bottleneck(ReferenceEquals(config.Convolution.Activation, Layers.Gelu) ? Gelu : Silu, 1e-5, 1)
        {
            PreNormAct = config.Convolution.ActivatesFirst,
            StridePool = config.Convolution.Pools,
            MaxPool = config.Convolution.MaxPoolShortcut,
            AttentionEarly = config.Convolution.GatesEarly,
            ReluGate = ReferenceEquals(config.Convolution.GateActivation, Layers.Relu),
        };
        var x = Stem(image, bottleneck, config.ConvNext);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var (name, stride) = ($"stages.{stage}.blocks.{block}", block == 0 ? 2 : 1);
                x = stage >= 2 && (block > 0 || !config.ConvolutionFirst) ? Transformer(x, name, stride)
                    : config.ConvNext ? ConvNext(x, name, stride)
                    : MbConv(x, name, stride, bottleneck);
            }
        }

        return Classify(x, config.HiddenHead, y => Around("norm", y), 1e-6);

        Plane Around(string name, Plane y) => config.BatchNorm ? Batch(name, y, 1e-6) : Norm(name, y, 1e-6);

        Plane Halved(Plane y) => config.MaxPool ? MaxPool(y) : Pool(y);

        Plane Transformer(Plane y, string name, int stride)
        {
            var normed = stride == 2 ? Halved(Around($"{name}.norm1.norm", y)) : Around($"{name}.norm1", y);
            var shortcut = stride == 2 ? Halved(y) : y;
            shortcut = Has($"{name}.shortcut.expand.weight") ? Convolve(shortcut, $"{name}.shortcut.expand", 1, 0) : shortcut;
            var width = (int)Shape($"{name}.attn.qkv.weight")[0] / 3;
            var bias = PlaceBias($"{name}.attn.rel_pos", config.Places.From, normed.Side, width / 32);
            var everywhere = Enumerable.Range(0, normed.Side * normed.Side).Select(i => (i / normed.Side, i % normed.Side)).ToList();
            var mixed = Attend(
                Linear(normed, $"{name}.attn.qkv"), width, width / 32, allKeysThenValues: false, Alike, (_, _) => everywhere, (head, r, c, r2, c2) => bias(head, r2 - r, c2 - c));
            y = shortcut.Plus(Scale($"{name}.ls1", Linear(mixed, $"{name}.attn.proj")));
            return y.Plus(Scale($"{name}.ls2", Mlp(Around($"{name}.norm2", y), $"{name}.mlp", Gelu)));
        }
    }

    private Plane Stem(Plane image, Bottleneck bottleneck, bool convNext)
    {
        var x = Convolve(image, "stem.conv1", 2, bottleneck.Before);
        return Convolve(convNext ? Norm("stem.norm1", x, 1e-6).Map(Gelu) : Batch("stem.norm1", x, bottleneck.Epsilon).Map(bottleneck.Act), "stem.conv2", 1, 1);
    }

    private double[] Classify(Plane x, bool hidden, Func<Plane, Plane> norm, double epsilon)
    {
        if (!hidden)
        {
            return Times("head.fc", norm(x).Mean());
        }

        var pooled = new Plane(1, x.Channels) { Values = x.Mean() };
        return Times("head.fc", [.. Times("head.pre_logits.fc", Norm("head.norm", pooled, epsilon).Values).Select(Math.Tanh)]);
    }

    private Plane MbConv(Plane x, string name, int stride, Bottleneck how)
    {
        var shortcut = stride == 1 ? x : how.MaxPool ? MaxPool(x) : Pool(x);
        shortcut = Has($"{name}.shortcut.expand.weight") ? Convolve(shortcut, $"{name}.shortcut.expand", 1, 0) : shortcut;
        var y = Batch($"{name}.pre_norm", x, how.Epsilon);
        y = how.PreNormAct ? y.Map(how.Act) : y;
        y = how.StridePool && stride == 2 ? Pool(y) : y;
        y = Batch($"{name}.norm1", Convolve(y, $"{name}.conv1_1x1", 1, 0), how.Epsilon).Map(how.Act);
        var step = how.StridePool ? 1 : stride;
        y = Convolve(y, $"{name}.conv2_kxk", step, step == 1 ? 1 : how.Before);
        y = how.AttentionEarly ? Gated(y, $"{name}.se_early") : y;
        y = Batch($"{name}.norm2", y, how.Epsilon).Map(how.Act);
        y = how.AttentionEarly ? y : Gated(y, $"{name}.se");
        return Convolve(y, $"{name}.conv3_1x1", 1, 0).Plus(shortcut);

        Plane Gated(Plane z, string gate)
        {
            var factors = Times($"{gate}.fc2", [.. Times($"{gate}.fc1", z.Mean()).Select(v => how.ReluGate ? Math.Max(v, 0) : Silu(v))]);
            return z.Each(z.Channels, pixel => [.. pixel.Select((v, c) => v / (1 + Math.Exp(-factors[c])))]);
        }
    }

    private Plane ConvNext(Plane x, string name, int stride)
    {
        var shortcut = stride == 1 ? x : Pool(x);
        shortcut = Has($"{name}.shortcut.expand.weight") ? Convolve(shortcut, $"{name}.shortcut.expand", 1, 0) : shortcut;
        var y = Mlp(Norm($"{name}.norm", Convolve(x, $"{name}.conv_dw", stride, 3), 1e-6), $"{name}.mlp", Gelu);
        return Scale($"{name}.ls", y).Plus(shortcut);
    }

    /// <summary>Tokens look at their square, or at those that lie at the same point of each cell of a grid.</summary>
    private Plane WindowsOrGrid(Plane x, string name, RelativePlace places, int window, bool grid, bool allKeysThenValues)
    {
        var (heads, step) = (x.Channels / 32, x.Side / window);
        var bias = PlaceBias($"{name}.rel_pos", places, window, heads);
        var mixed = Attend(Linear(x, $"{name}.qkv"), x.Channels, heads, allKeysThenValues, Alike, (r, c) =>
            from i in Enumerable.Range(0, window)
            from j in Enumerable.Range(0, window)
            select grid ? ((i * step) + (r % step), (j * step) + (c % step)) : ((r / window * window) + i, (c / window * window) + j),
            (head, r, c, r2, c2) => grid ? bias(head, (r2 - r) / step, (c2 - c) / step) : bias(head, r2 - r, c2 - c));
        return Linear(mixed, $"{name}.proj");
    }

    private static double Alike(double[] query, double[] key, int head) => query.Zip(key, (a, b) => a * b).Sum() / Math.Sqrt(32);

    /// <summary>The bias of a head for a key so many rows below and columns to the right of the query.</summary>
    private Func<int, int, int, double> PlaceBias(string name, RelativePlace places, int side, int heads)
    {
        var across = (2 * side) - 1;
        return (head, down, right) => places switch
        {
            RelativePlace.TensorFlowTable => Tensor($"{name}.relative_position_bias_table")[(head * across * across) + ((down + side - 1) * across) + right + side - 1],
            RelativePlace.Table => Tensor($"{name}.relative_position_bias_table")[((((side - 1 - down) * across) + side - 1 - right) * heads) + head],
            _ => Times($"{name}.mlp.fc2", [.. Times($"{name}.mlp.fc1", [Log(-down), Log(-right)]).Select(v => Math.Max(v, 0))])[head],
        };

        static double Log(int offset) => Math.Sign(offset) * Math.Log(1 + Math.Abs(offset));
    }

    /// <summary>The greatest of 3 × 3 around every second pixel.</summary>
    private static Plane MaxPool(Plane x)
    {
        var to = new Plane(x.Side / 2, x.Channels);
        for (var i = 0; i < to.Values.Length; i++)
        {
            var (r, c, channel) = (i / to.Channels / to.Side * 2, i / to.Channels % to.Side * 2, i % to.Channels);
            to.Values[i] = (from down in Enumerable.Range(r - 1, 3)
                            from right in Enumerable.Range(c - 1, 3)
                            where down >= 0 && right >= 0 && down < x.Side && right < x.Side
                            select x[down, right, channel]).Max();
        }

        return to;
    }
}
