using SketchFlow.Learning.Models;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>The convolutional forms that have no fixture of timm's; which block there is, is read from the tensors' names.</summary>
internal sealed partial class PlainNetwork
{
    public static double Relu(double x) => Math.Max(x, 0);

    public static double Relu6(double x) => Math.Min(Math.Max(x, 0), 6);

    public static double Silu(double x) => x * Sigmoid(x);

    /// <summary>Logits of <paramref name="image"/> through an EfficientNet of any form.</summary>
    public double[] EfficientNet(Plane image, EfficientNet.Config config, Func<double, double> act)
    {
        var norm = config.TensorFlow ? config.Norm with { Epsilon = 1e-3 } : config.Norm;
        var same = config.TensorFlow;
        var folded = false;
        var x = NormAct("bn1", Conv(image, "conv_stem", 2, same), norm, act);
        for (var stage = 0; stage < config.Stages.Length; stage++)
        {
            for (var block = 0; Has($"blocks.{stage}.{block}.bn1.weight"); block++)
            {
                var row = config.Stages[stage];
                var stride = block > 0 ? 1 : row.Stride;
                if (Has($"blocks.{stage}.{block}.conv_s2d.weight"))
                {
                    folded = true;
                }
                else if (folded && stride == 2)
                {
                    (stride, folded) = (1, false);
                }

                x = EfficientBlock(x, $"blocks.{stage}.{block}", stride, same, config.Blur, norm, row.Relu ? Relu : act, row.GoesAround);
            }
        }

        return Times("classifier", NormAct("bn2", Conv(x, "conv_head", 1, same), norm, act).Mean());
    }

    /// <summary>Logits of <paramref name="image"/> through a RegNet.</summary>
    public double[] RegNet(Plane image, RegNet.Config config, Func<double, double> act)
    {
        var x = config.NormFirst ? Conv(image, "stem", 2) : ConvNormAct(image, "stem", 2, config.Norm, act);
        for (var stage = 1; Has($"s{stage}.b1.conv3.weight") || Has($"s{stage}.b1.conv3.conv.weight"); stage++)
        {
            for (var block = 1; Has($"s{stage}.b{block}.se.fc1.weight"); block++)
            {
                var (name, stride) = ($"s{stage}.b{block}", block == 1 ? 2 : 1);
                if (config.NormFirst)
                {
                    var before = NormAct($"{name}.norm1", x, config.Norm, act);
                    var inner = NormAct($"{name}.norm2", Conv(before, $"{name}.conv1", 1), config.Norm, act);
                    inner = Excite(Conv(inner, $"{name}.conv2", stride), $"{name}.se", act);
                    inner = Conv(NormAct($"{name}.norm3", inner, config.Norm, act), $"{name}.conv3", 1);
                    x = inner.Plus(
                        Has($"{name}.downsample.1.weight") ? Conv(stride == 2 ? Pool(before) : before, $"{name}.downsample.1", 1)
                        : Has($"{name}.downsample.weight") ? Conv(before, $"{name}.downsample", stride)
                        : before);
                    continue;
                }

                var y = ConvNormAct(ConvNormAct(x, $"{name}.conv1", 1, config.Norm, act), $"{name}.conv2", stride, config.Norm, act);
                y = ConvNormAct(Excite(y, $"{name}.se", act), $"{name}.conv3", 1, config.Norm, null);
                y = Has($"{name}.downsample.conv.weight") ? y.Plus(ConvNormAct(x, $"{name}.downsample", stride, config.Norm, null))
                    : stride == 1 && x.Channels == y.Channels ? y.Plus(x)
                    : y;
                x = config.LinearOut ? y : y.Map(act);
            }
        }

        x = Has("final_conv.conv.weight") ? ConvNormAct(x, "final_conv", 1, config.Norm, act)
            : config.LinearOut || config.NormFirst ? x.Map(act)
            : x;
        return Times("head.fc", x.Mean());
    }

    /// <summary>Logits of <paramref name="image"/> through timm's own RegNetZ.</summary>
    public double[] RegNetZ(Plane image, RegNetZ.Config config)
    {
        var x = image;
        for (var i = 1; Has($"stem.conv{i}.conv.weight"); i++)
        {
            x = ConvNormAct(x, $"stem.conv{i}", i is 1 or 3 ? 2 : 1, config.Norm, Silu);
        }

        var deep = !ReferenceEquals(x, image);
        x = deep ? x : ConvNormAct(x, "stem", 2, config.Norm, Silu);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var (name, stride) = ($"stages.{stage}.{block}", block == 0 && !(stage == 0 && deep) ? 2 : 1);
                var y = ConvNormAct(ConvNormAct(x, $"{name}.conv1_1x1", 1, config.Norm, Silu), $"{name}.conv2_kxk", stride, config.Norm, Silu);
                y = ConvNormAct(Excite(y, $"{name}.attn", Relu), $"{name}.conv3_1x1", 1, config.Norm, null);
                x = y.Side == x.Side && y.Channels == x.Channels ? y.Plus(x) : y;
            }
        }

        return Times("head.fc", ConvNormAct(x, "final_conv", 1, config.Norm, Silu).Mean());
    }

    /// <summary>Logits of <paramref name="image"/> through a ResNet of timm's byobnet.</summary>
    public double[] ByobResNet(Plane image, ByobResNet.Config config, Func<double, double> act)
    {
        var (norm, x) = (new NormOptions(), image);
        var pools = config.StemPool != SketchFlow.Learning.Models.ByobResNet.StemPool.None;
        for (var i = 1; i <= 3; i++)
        {
            x = ConvNormAct(x, $"stem.conv{i}", i == 1 || (i == 3 && !pools) ? 2 : 1, norm, act);
        }

        x = !pools ? x : config.Averages ? Pool(x) : MaxPool(x);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var (name, stride) = ($"stages.{stage}.{block}", block == 0 && stage > 0 ? 2 : 1);
                var averages = config.Averages && stride == 2;
                var y = ConvNormAct(ConvNormAct(x, $"{name}.conv1_1x1", 1, norm, act), $"{name}.conv2_kxk", averages ? 1 : stride, norm, act);
                y = ConvNormAct(Attended(averages ? Pool(y) : y, $"{name}.attn"), $"{name}.conv3_1x1", 1, norm, null);
                var shortcut = Has($"{name}.shortcut.conv.conv.weight") ? ConvNormAct(averages ? Pool(x) : x, $"{name}.shortcut.conv", 1, norm, null)
                    : Has($"{name}.shortcut.conv.weight") ? ConvNormAct(x, $"{name}.shortcut", stride, norm, null)
                    : x;
                x = y.Plus(shortcut).Map(act);
            }
        }

        x = Has("final_conv.conv.weight") ? ConvNormAct(x, "final_conv", 1, norm, act) : x;
        if (!config.PoolsByAttention)
        {
            return Times("head.fc", x.Mean());
        }

        var places = Tensor("head.pos_embed");
        List<double[]> tokens = [x.Mean(), .. Enumerable.Range(0, x.Side * x.Side).Select(p => x.Values[(p * x.Channels)..((p + 1) * x.Channels)])];
        tokens = [.. tokens.Select((token, t) => token.Select((v, c) => v + places[(t * x.Channels) + c]).ToArray())];
        var (query, keys, values) = (Times("head.q", tokens[0]), tokens.Select(t => Times("head.k", t)).ToList(), tokens.Select(t => Times("head.v", t)).ToList());
        var pooled = new double[x.Channels];
        for (var head = 0; head < x.Channels / 64; head++)
        {
            var part = Enumerable.Range(head * 64, 64);
            var shares = keys.Select(key => Math.Exp(part.Sum(c => query[c] * key[c]) / 8)).ToList();
            foreach (var c in part)
            {
                pooled[c] = values.Zip(shares, (v, s) => v[c] * s).Sum() / shares.Sum();
            }
        }

        return Times("head.proj", pooled);
    }

    /// <summary>Logits of <paramref name="image"/> through a ConvNeXt.</summary>
    public double[] ConvNext(Plane image, ConvNext.Config config, Func<double, double> act)
    {
        var patch = config.Stem == SketchFlow.Learning.Models.ConvNext.Stem.Patch;
        var x = patch
            ? PixelNorm("stem.1", Conv(image, "stem.0", 4, before: 0), config)
            : PixelNorm("stem.3", Conv(Conv(image, "stem.0", 2).Map(act), "stem.2", 2), config);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            if (stage > 0)
            {
                x = Conv(PixelNorm($"stages.{stage}.downsample.0", x, config), $"stages.{stage}.downsample.1", 2, before: 0);
            }

            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var name = $"stages.{stage}.blocks.{block}";
                x = x.Plus(Scale(name, Mlp(PixelNorm($"{name}.norm", Conv(x, $"{name}.conv_dw", 1), config), $"{name}.mlp", act)));
            }
        }

        var pooled = new Plane(1, x.Channels) { Values = x.Mean() };
        return Times("head.fc", PixelNorm("head.norm", pooled, config).Values);
    }

    /// <summary>Logits of <paramref name="image"/> through a ResNetV2 of bottlenecks with a deep stem and averaging shortcuts.</summary>
    public double[] ResNetV2(Plane image, ResNetV2.Config config)
    {
        var x = NormAct("stem.norm1", Conv(image, "stem.conv1", 2), config.Norm, Relu);
        x = NormAct("stem.norm2", Conv(x, "stem.conv2", 1), config.Norm, Relu);
        x = MaxPool(Conv(x, "stem.conv3", 1));
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var (name, stride) = ($"stages.{stage}.blocks.{block}", block == 0 && stage > 0 ? 2 : 1);
                var before = NormAct($"{name}.norm1", x, config.Norm, Relu);
                var y = NormAct($"{name}.norm2", Conv(before, $"{name}.conv1", 1), config.Norm, Relu);
                y = Conv(NormAct($"{name}.norm3", Conv(y, $"{name}.conv2", stride), config.Norm, Relu), $"{name}.conv3", 1);
                x = y.Plus(block > 0 ? x : Conv(stride == 2 ? Pool(before) : before, $"{name}.downsample.conv", 1));
            }
        }

        return Times("head.fc", NormAct("norm", x, config.Norm, Relu).Mean());
    }

    /// <summary>Logits of <paramref name="image"/> through a ResNet of any form.</summary>
    public double[] ResNet(Plane image, ResNet.Config config)
    {
        var norm = config.GroupNorm ? new NormOptions { Kind = NormKind.Group } : new();
        var (averages, blurs) = (config.Antialias == SketchFlow.Learning.Models.ResNet.Antialias.Average, config.Antialias == SketchFlow.Learning.Models.ResNet.Antialias.Blur);
        Func<Plane, Plane> halve = averages ? Pool : x => Blur(x, mirrors: true);
        Plane x;
        if (Has("conv1.weight"))
        {
            x = Conv(image, "conv1", 2);
        }
        else
        {
            x = NormAct("conv1.1", Conv(image, "conv1.0", 2), norm, Relu);
            x = Conv(NormAct("conv1.4", Conv(x, "conv1.3", 1), norm, Relu), "conv1.6", 1);
        }

        x = NormAct("bn1", x, norm, Relu);
        x = Has("maxpool.0.weight") ? NormAct("maxpool.1", Conv(x, "maxpool.0", 2), norm, Relu)
            : averages ? Pool(x)
            : blurs ? Blur(MaxPool(x, 1), mirrors: true)
            : MaxPool(x);
        for (var stage = 1; Has($"layer{stage}.0.conv1.weight"); stage++)
        {
            for (var block = 0; Has($"layer{stage}.{block}.conv1.weight"); block++)
            {
                var (name, stride) = ($"layer{stage}.{block}", block == 0 && stage > 1 ? 2 : 1);
                var (bottleneck, smooth) = (Has($"{name}.conv3.weight"), stride == 2 && (averages || blurs));
                var step = smooth ? 1 : stride;
                var y = NormAct($"{name}.bn1", Conv(x, $"{name}.conv1", bottleneck ? 1 : step), norm, Relu);
                y = smooth && !bottleneck ? halve(y) : y;
                y = NormAct($"{name}.bn2", Conv(y, $"{name}.conv2", bottleneck ? step : 1), norm, bottleneck ? Relu : null);
                y = smooth && bottleneck ? halve(y) : y;
                y = bottleneck ? NormAct($"{name}.bn3", Conv(y, $"{name}.conv3", 1), norm, null) : y;
                y = Attended(y, $"{name}.se");
                var shortcut = Has($"{name}.downsample.0.weight") ? NormAct($"{name}.downsample.1", Conv(x, $"{name}.downsample.0", stride), norm, null)
                    : Has($"{name}.downsample.1.weight") ? NormAct($"{name}.downsample.2", Conv(stride == 2 ? Pool(x) : x, $"{name}.downsample.1", 1), norm, null)
                    : x;
                x = y.Plus(shortcut).Map(Relu);
            }
        }

        return Times("fc", x.Mean());
    }

    private Plane EfficientBlock(Plane x, string name, int stride, bool same, bool blur, NormOptions norm, Func<double, double> act, bool around)
    {
        Plane y;
        if (Has($"{name}.routing_fn.weight"))
        {
            var shares = Times($"{name}.routing_fn", x.Mean()).Select(Sigmoid).ToArray();
            var middle = (int)Shape($"{name}.bn1.weight")[0];
            y = NormAct($"{name}.bn1", Mixed(x, $"{name}.conv_pw", shares, middle, x.Channels, 1, false), norm, act);
            y = NormAct($"{name}.bn2", Mixed(y, $"{name}.conv_dw", shares, middle, 1, stride, same), norm, act);
            y = Mixed(EfficientGate(y, $"{name}.se", act), $"{name}.conv_pwl", shares, (int)Shape($"{name}.bn3.weight")[0], middle, 1, false);
            y = NormAct($"{name}.bn3", y, norm, null);
        }
        else if (Has($"{name}.conv_exp.weight"))
        {
            y = NormAct($"{name}.bn1", Conv(x, $"{name}.conv_exp", blur ? 1 : stride, same), norm, act);
            y = EfficientGate(blur && stride == 2 ? Blur(y) : y, $"{name}.se", act);
            y = NormAct($"{name}.bn2", Conv(y, $"{name}.conv_pwl", 1), norm, null);
        }
        else if (Has($"{name}.conv_dw.weight"))
        {
            y = Has($"{name}.conv_s2d.weight") ? NormAct($"{name}.bn_s2d", Conv(x, $"{name}.conv_s2d", 2, true), norm, act) : x;
            var widens = Has($"{name}.conv_pwl.weight");
            var (second, last) = widens ? ("bn2", "bn3") : ("bn1", "bn2");
            y = widens ? NormAct($"{name}.bn1", Conv(y, $"{name}.conv_pw", 1), norm, act) : y;
            var even = Shape($"{name}.conv_dw.weight")[2] % 2 == 0;
            y = NormAct($"{name}.{second}", Conv(y, $"{name}.conv_dw", blur ? 1 : stride, same || even), norm, act);
            y = EfficientGate(blur && stride == 2 ? Blur(y) : y, $"{name}.se", act);
            y = NormAct($"{name}.{last}", Conv(y, widens ? $"{name}.conv_pwl" : $"{name}.conv_pw", 1), norm, null);
        }
        else
        {
            y = NormAct($"{name}.bn1", Conv(x, $"{name}.conv", stride, same), norm, act);
        }

        return around && x.Side == y.Side && x.Channels == y.Channels ? y.Plus(x) : y;
    }

    private Plane EfficientGate(Plane x, string name, Func<double, double> act)
    {
        double[] gate;
        if (Has($"{name}.conv_reduce.weight"))
        {
            gate = Times($"{name}.conv_expand", [.. Times($"{name}.conv_reduce", x.Mean()).Select(act)]);
        }
        else if (Has($"{name}.conv_attn.weight"))
        {
            gate = Context(x, name, $"{name}.mlp_scale", act);
        }
        else
        {
            return x;
        }

        return x.Each(x.Channels, pixel => [.. pixel.Zip(gate, (v, g) => v * Sigmoid(g))]);
    }

    /// <summary>The image's mean under attention to its pixels, through a hidden layer.</summary>
    private double[] Context(Plane x, string name, string mlp, Func<double, double> act)
    {
        var pixels = Enumerable.Range(0, x.Side * x.Side).Select(p => x.Values[(p * x.Channels)..((p + 1) * x.Channels)]).ToList();
        var looks = pixels.Select(p => Math.Exp(Times($"{name}.conv_attn", p)[0])).ToList();
        double[] context = [.. Enumerable.Range(0, x.Channels).Select(c => pixels.Zip(looks, (p, w) => p[c] * w).Sum() / looks.Sum())];
        var hidden = new Plane(1, (int)Shape($"{mlp}.norm.weight")[0]) { Values = Times($"{mlp}.fc1", context) };
        return Times($"{mlp}.fc2", [.. Norm($"{mlp}.norm", hidden, 1e-6).Values.Select(act)]);
    }

    /// <summary>The gate of a ResNet's block, whichever there is: squeeze and excitation, ECA, or a context that is added.</summary>
    private Plane Attended(Plane x, string name)
    {
        if (Has($"{name}.fc1.weight"))
        {
            return Excite(x, name, Relu);
        }

        if (Has($"{name}.conv_attn.weight"))
        {
            var change = Context(x, name, $"{name}.mlp_add", Relu);
            return x.Each(x.Channels, pixel => [.. pixel.Zip(change, (v, a) => v + a)]);
        }

        if (!Has($"{name}.conv.weight"))
        {
            return x;
        }

        var (kernel, means) = (Tensor($"{name}.conv.weight"), x.Mean());
        var gate = means.Select((_, c) => Sigmoid(kernel.Select((w, k) => w * means.ElementAtOrDefault(c + k - (kernel.Length / 2))).Sum())).ToArray();
        return x.Each(x.Channels, pixel => [.. pixel.Zip(gate, (v, g) => v * g)]);
    }

    private Plane Excite(Plane x, string name, Func<double, double> act)
    {
        var gate = Times($"{name}.fc2", [.. Times($"{name}.fc1", x.Mean()).Select(act)]);
        return x.Each(x.Channels, pixel => [.. pixel.Zip(gate, (v, g) => v * Sigmoid(g))]);
    }

    private Plane ConvNormAct(Plane x, string name, int stride, NormOptions norm, Func<double, double>? act) =>
        NormAct($"{name}.bn", Conv(x, $"{name}.conv", stride), norm, act);

    private Plane NormAct(string name, Plane x, NormOptions norm, Func<double, double>? act)
    {
        var (weight, bias) = (Tensor($"{name}.weight"), Tensor($"{name}.bias"));
        var (pixels, width) = (x.Side * x.Side, norm.GroupWidth ?? (x.Channels / 32));
        Func<double, double> last = act ?? (v => v);
        switch (norm.Kind)
        {
            case NormKind.Batch:
                return Batch(name, x, norm.Epsilon).Map(last);
            case NormKind.Layer:
                return Norm(name, x, norm.Epsilon).Map(last);
            case NormKind.Group:
                var groups = Enumerable.Range(0, x.Channels / width).Select(Group).ToList();
                return Channelwise((v, c) => last(((v - groups[c / width].Mean) / Math.Sqrt(groups[c / width].Variance + norm.Epsilon) * weight[c]) + bias[c]));
            case NormKind.EvoNorm when act is null:
                return Channelwise((v, c) => (v * weight[c]) + bias[c]);
            case NormKind.EvoNorm or NormKind.EvoNormAlways:
                var deviations = Enumerable.Range(0, x.Channels / width).Select(g => Math.Sqrt(Group(g).Variance + norm.Epsilon)).ToList();
                double[]? slope = act is null ? null : Tensor($"{name}.v");
                return Channelwise((v, c) => (v * (slope is null ? 1 : Sigmoid(v * slope[c])) / deviations[c / width] * weight[c]) + bias[c]);
            default:
                var roots = Enumerable.Range(0, x.Channels).Select(c => Math.Sqrt(Enumerable.Range(0, pixels).Average(p => Square(x.Values[(p * x.Channels) + c])) + norm.Epsilon)).ToList();
                var threshold = Tensor($"{name}.tau");
                return Channelwise((v, c) => Math.Max((v / roots[c] * weight[c]) + bias[c], threshold[c]));
        }

        Plane Channelwise(Func<double, int, double> map) => x.Each(x.Channels, pixel => [.. pixel.Select(map)]);

        (double Mean, double Variance) Group(int group)
        {
            var values = Enumerable.Range(0, pixels).SelectMany(p => x.Values[((p * x.Channels) + (group * width))..((p * x.Channels) + ((group + 1) * width))]).ToList();
            var mean = values.Average();
            return (mean, values.Average(v => Square(v - mean)));
        }
    }

    private Plane PixelNorm(string name, Plane x, ConvNext.Config config)
    {
        if (config.Normalization == SketchFlow.Learning.Models.ConvNext.Normalization.Layer)
        {
            return Norm(name, x, config.Epsilon);
        }

        var weight = Tensor($"{name}.weight");
        Assert.False(Has($"{name}.bias"));
        return x.Each(x.Channels, pixel =>
        {
            var mean = pixel.Average();
            var square = config.Normalization == SketchFlow.Learning.Models.ConvNext.Normalization.RootMeanSquare
                ? pixel.Average(Square)
                : pixel.Sum(v => Square(v - mean)) / (pixel.Length - 1);
            return [.. pixel.Select((v, c) => v / Math.Sqrt(square + config.Epsilon) * weight[c])];
        });
    }

    private Plane Mixed(Plane x, string name, double[] shares, int outChannels, int inChannels, int stride, bool same)
    {
        var experts = Tensor($"{name}.weight");
        var count = experts.Length / shares.Length;
        double[] kernels = [.. Enumerable.Range(0, count).Select(i => shares.Select((share, e) => share * experts[(e * count) + i]).Sum())];
        return Conv(x, kernels, outChannels, inChannels, (int)Math.Sqrt(count / outChannels / inChannels), stride, same, null);
    }

    private Plane Conv(Plane x, string name, int stride, bool same = false, int? before = null)
    {
        var shape = Shape($"{name}.weight");
        var y = Conv(x, Tensor($"{name}.weight"), (int)shape[0], (int)shape[1], (int)shape[2], stride, same, before);
        return !Has($"{name}.bias") ? y : y.Each(y.Channels, pixel => [.. pixel.Zip(Tensor($"{name}.bias"), (a, b) => a + b)]);
    }

    /// <summary>PyTorch's usual padding, (stride - 1 + kernel - 1) / 2 on all sides; TensorFlow's; or <paramref name="before"/> on all sides.</summary>
    private static Plane Conv(Plane x, double[] weight, int outChannels, int inChannels, int kernel, int stride, bool same, int? before)
    {
        var (first, side) = (before ?? ((stride - 1 + kernel - 1) / 2), 0);
        side = ((x.Side + (2 * first) - kernel) / stride) + 1;
        if (same)
        {
            side = (x.Side + stride - 1) / stride;
            first = Math.Max(0, ((side - 1) * stride) + kernel - x.Side) / 2;
        }

        var (to, groupOut) = (new Plane(side, outChannels), outChannels / (x.Channels / inChannels));
        for (var r = 0; r < side; r++)
        {
            for (var c = 0; c < side; c++)
            {
                for (var o = 0; o < outChannels; o++)
                {
                    var sum = 0.0;
                    for (var i = 0; i < kernel * kernel; i++)
                    {
                        var (row, column) = ((r * stride) - first + (i / kernel), (c * stride) - first + (i % kernel));
                        if (row < 0 || column < 0 || row >= x.Side || column >= x.Side)
                        {
                            continue;
                        }

                        for (var k = 0; k < inChannels; k++)
                        {
                            sum += weight[(((o * inChannels) + k) * kernel * kernel) + i] * x[row, column, (o / groupOut * inChannels) + k];
                        }
                    }

                    to[r, c, o] = sum;
                }
            }
        }

        return to;
    }

    private static Plane MaxPool(Plane x, int stride = 2) => Strided(x, stride, (r, c, channel) => (
        from row in Enumerable.Range(r - 1, 3)
        from column in Enumerable.Range(c - 1, 3)
        where row >= 0 && column >= 0 && row < x.Side && column < x.Side
        select x[row, column, channel]).Max());

    /// <summary>1 2 1 in both directions over 16 at stride 2; beyond the edge lie zeros, or the image again, mirrored at its last pixels.</summary>
    private static Plane Blur(Plane x, bool mirrors = false) => Strided(x, 2, (r, c, channel) => (
        from down in Enumerable.Range(-1, 3)
        from right in Enumerable.Range(-1, 3)
        let row = mirrors ? Math.Abs(r + down) : r + down
        let column = mirrors ? Math.Abs(c + right) : c + right
        where row >= 0 && column >= 0
        select x[row, column, channel] * (2 - Math.Abs(down)) * (2 - Math.Abs(right)) / 16).Sum());

    private static Plane Strided(Plane x, int stride, Func<int, int, int, double> value)
    {
        var to = new Plane(x.Side / stride, x.Channels);
        for (var i = 0; i < to.Values.Length; i++)
        {
            to.Values[i] = value(i / to.Channels / to.Side * stride, i / to.Channels % to.Side * stride, i % to.Channels);
        }

        return to;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Square(double x) => x * x;
}
