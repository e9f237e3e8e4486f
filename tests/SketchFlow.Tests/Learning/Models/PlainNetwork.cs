using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>An image of channels, row by row, in double precision: what the reference below works on.</summary>
internal sealed record Plane(int Side, int Channels)
{
    public double[] Values { get; init; } = new double[Side * Side * Channels];

    public double this[int row, int column, int channel]
    {
        get => Values[(((row * Side) + column) * Channels) + channel];
        set => Values[(((row * Side) + column) * Channels) + channel] = value;
    }

    /// <summary>Each pixel's channels put through a function.</summary>
    public Plane Each(int channels, Func<double[], double[]> map)
    {
        var to = new Plane(Side, channels);
        for (var pixel = 0; pixel < Side * Side; pixel++)
        {
            map(Values[(pixel * Channels)..((pixel + 1) * Channels)]).CopyTo(to.Values, pixel * channels);
        }

        return to;
    }

    public Plane Map(Func<double, double> map) => this with { Values = [.. Values.Select(map)] };

    public Plane Plus(Plane other) => this with { Values = [.. Values.Zip(other.Values, (a, b) => a + b)] };

    public double[] Mean() => [.. Enumerable.Range(0, Channels).Select(c => Enumerable.Range(0, Side * Side).Average(p => Values[(p * Channels) + c]))];
}

/// <summary>
/// Swin, MaxViT, CoAtNet, the vision transformers and forms of convolutional networks written a second time, as loops over pixels in double precision straight from timm's source: no tensors, no
/// windows cut out, each token looking up by its place whom it may see. One image at a time, evaluation only.
/// </summary>
internal sealed partial class PlainNetwork(Architecture architecture, ModelWeights weights)
{
    /// <summary>Logits of <paramref name="image"/> through a Swin.</summary>
    public double[] Swin(Plane image, Swin.Config config)
    {
        var x = Norm("patch_embed.norm", Convolve(image, "patch_embed.proj", 4, 0), 1e-5);
        for (var stage = 0; stage < config.Depths.Length; stage++)
        {
            var (prefix, heads) = ($"{(config.Cr ? "stages" : "layers")}.{stage}", config.Heads << stage);
            if (stage > 0)
            {
                var joined = new Plane(x.Side / 2, 4 * x.Channels);
                for (var i = 0; i < joined.Values.Length; i++)
                {
                    var (pixel, channel) = (i / joined.Channels, i % joined.Channels);
                    var (part, c) = (channel / x.Channels, channel % x.Channels);
                    joined.Values[i] = x[(2 * (pixel / joined.Side)) + (part % 2), (2 * (pixel % joined.Side)) + (part / 2), c];
                }

                x = config.Version2 && !config.Cr
                    ? Norm($"{prefix}.downsample.norm", Linear(joined, $"{prefix}.downsample.reduction"), 1e-5)
                    : Linear(Norm($"{prefix}.downsample.norm", joined, 1e-5), $"{prefix}.downsample.reduction");
            }

            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var name = $"{prefix}.blocks.{block}";
                var window = Math.Min(x.Side, config.Cr ? image.Side / 32 : config.Windows[stage]);
                var shift = block % 2 == 1 && x.Side > window ? window / 2 : 0;
                if (config.Version2)
                {
                    x = x.Plus(Norm($"{name}.norm1", ShiftedWindows(x, $"{name}.attn", config, stage, window, shift, heads), 1e-5));
                    x = x.Plus(Norm($"{name}.norm2", Mlp(x, $"{name}.mlp", Gelu), 1e-5));
                    x = Has($"{name}.norm3.weight") ? Norm($"{name}.norm3", x, 1e-5) : x;
                }
                else
                {
                    x = x.Plus(ShiftedWindows(Norm($"{name}.norm1", x, 1e-5), $"{name}.attn", config, stage, window, shift, heads));
                    x = x.Plus(Mlp(Norm($"{name}.norm2", x, 1e-5), $"{name}.mlp", Gelu));
                }
            }
        }

        return Times("head.fc", (config.Cr ? x : Norm("norm", x, 1e-5)).Mean());
    }

    /// <summary>Tokens look at those that lie in the same square after the image was rolled, zeros filled in, and not across its old border.</summary>
    private Plane ShiftedWindows(Plane x, string name, Swin.Config config, int stage, int window, int shift, int heads)
    {
        var (side, padded) = (x.Side, (x.Side + window - 1) / window * window);
        var rolled = new Plane(padded, x.Channels);
        for (var r = 0; r < side; r++)
        {
            for (var c = 0; c < side; c++)
            {
                for (var channel = 0; channel < x.Channels; channel++)
                {
                    rolled[r, c, channel] = x[(r + shift) % side, (c + shift) % side, channel];
                }
            }
        }

        var qkv = QueryKeyValue(rolled, name, config.Version2 && !config.Cr);
        var mixed = Attend(qkv, x.Channels, heads, allKeysThenValues: true, config.Version2 ? Cosine : Dot, (r, c) =>
            from r2 in Enumerable.Range(r / window * window, window)
            from c2 in Enumerable.Range(c / window * window, window)
            select (r2, c2), Bias);
        var projected = Linear(mixed, $"{name}.proj");
        var back = new Plane(side, x.Channels);
        for (var r = 0; r < side; r++)
        {
            for (var c = 0; c < side; c++)
            {
                for (var channel = 0; channel < x.Channels; channel++)
                {
                    back[(r + shift) % side, (c + shift) % side, channel] = projected[r, c, channel];
                }
            }
        }

        return back;

        double Dot(double[] q, double[] k, int head) => q.Zip(k, (a, b) => a * b).Sum() / Math.Sqrt(q.Length);

        double Cosine(double[] q, double[] k, int head)
        {
            var scale = Math.Exp(Math.Min(Tensor($"{name}.logit_scale")[head], Math.Log(100)));
            return q.Zip(k, (a, b) => a * b).Sum() / Length(q) / Length(k) * scale;

            static double Length(double[] v) => Math.Max(1e-12, Math.Sqrt(v.Sum(x => x * x)));
        }

        double Bias(int head, int r, int c, int r2, int c2)
        {
            var (down, right) = (r - r2, c - c2);
            var apart = shift > 0 && (Band(r) != Band(r2) || Band(c) != Band(c2)) ? -100 : 0;
            if (!config.Version2)
            {
                return apart + Tensor($"{name}.relative_position_bias_table")[((((down + window - 1) * ((2 * window) - 1)) + right + window - 1) * heads) + head];
            }

            if (config.Cr)
            {
                double[] logs = [Math.Sign(down) * Math.Log(1 + Math.Abs(down)), Math.Sign(right) * Math.Log(1 + Math.Abs(right))];
                return apart + Times($"{name}.meta_mlp.fc2", [.. Times($"{name}.meta_mlp.fc1", logs).Select(v => Math.Max(v, 0))])[head];
            }

            var pretrained = config.PretrainedWindows?[stage] ?? window;
            double[] place = [Log(down), Log(right)];
            var hidden = Times($"{name}.cpb_mlp.0", place).Select(v => Math.Max(v, 0)).ToArray();
            return apart + (16 / (1 + Math.Exp(-Times($"{name}.cpb_mlp.2", hidden)[head])));

            double Log(int offset) => Math.Sign(offset) * Math.Log2(1 + Math.Abs(8.0 * offset / (pretrained - 1))) / 3;
        }

        int Band(int place) => place < padded - window ? 0 : place < padded - shift ? 1 : 2;
    }

    private Plane QueryKeyValue(Plane x, string name, bool version2)
    {
        if (!version2)
        {
            return Linear(x, $"{name}.qkv");
        }

        double[] bias = [.. Tensor($"{name}.q_bias"), .. new double[x.Channels], .. Tensor($"{name}.v_bias")];
        return Linear(x, $"{name}.qkv").Each(3 * x.Channels, pixel => [.. pixel.Zip(bias, (a, b) => a + b)]);
    }

    private static Plane Attend(
        Plane qkv,
        int channels,
        int heads,
        bool allKeysThenValues,
        Func<double[], double[], int, double> alike,
        Func<int, int, IEnumerable<(int Row, int Column)>> seen,
        Func<int, int, int, int, int, double> bias)
    {
        var (mixed, width) = (new Plane(qkv.Side, channels), channels / heads);
        for (var r = 0; r < qkv.Side; r++)
        {
            for (var c = 0; c < qkv.Side; c++)
            {
                var others = seen(r, c).ToList();
                for (var head = 0; head < heads; head++)
                {
                    var query = Part(r, c, head, 0);
                    var weights = others.Select(o => Math.Exp(alike(query, Part(o.Row, o.Column, head, 1), head) + bias(head, r, c, o.Row, o.Column))).ToList();
                    var sum = weights.Sum();
                    foreach (var (other, weight) in others.Zip(weights))
                    {
                        var value = Part(other.Row, other.Column, head, 2);
                        for (var i = 0; i < width; i++)
                        {
                            mixed[r, c, (head * width) + i] += weight / sum * value[i];
                        }
                    }
                }
            }
        }

        return mixed;

        double[] Part(int r, int c, int head, int which)
        {
            var first = allKeysThenValues ? (which * channels) + (head * width) : (head * 3 * width) + (which * width);
            return [.. Enumerable.Range(first, width).Select(i => qkv[r, c, i])];
        }
    }

    private Plane Mlp(Plane x, string name, Func<double, double> act) => Linear(Linear(x, $"{name}.fc1").Map(act), $"{name}.fc2");

    private Plane Scale(string name, Plane x) =>
        Has($"{name}.gamma") ? x.Each(x.Channels, pixel => [.. pixel.Zip(Tensor($"{name}.gamma"), (a, b) => a * b)]) : x;

    private Plane Linear(Plane x, string name) => x.Each((int)Shape($"{name}.weight")[0], pixel => Times(name, pixel));

    private double[] Times(string name, double[] x)
    {
        var (weight, bias) = (Tensor($"{name}.weight"), Has($"{name}.bias") ? Tensor($"{name}.bias") : null);
        return [.. Enumerable.Range(0, weight.Length / x.Length).Select(o => (bias?[o] ?? 0) + x.Select((v, i) => v * weight[(o * x.Length) + i]).Sum())];
    }

    /// <summary>Convolution with <paramref name="before"/> zeros above and to the left, and as many behind as an output of side / stride needs.</summary>
    private Plane Convolve(Plane x, string name, int stride, int before)
    {
        var (weight, shape) = (Tensor($"{name}.weight"), Shape($"{name}.weight"));
        var bias = Has($"{name}.bias") ? Tensor($"{name}.bias") : null;
        var (outChannels, inChannels, kernel) = ((int)shape[0], (int)shape[1], (int)shape[2]);
        var to = new Plane(x.Side / stride, outChannels);
        for (var i = 0; i < to.Values.Length; i++)
        {
            var (pixel, o) = (i / outChannels, i % outChannels);
            var sum = bias?[o] ?? 0;
            for (var k = 0; k < inChannels * kernel * kernel; k++)
            {
                var (c, r, s) = (k / (kernel * kernel), (pixel / to.Side * stride) - before + (k / kernel % kernel), (pixel % to.Side * stride) - before + (k % kernel));
                if (r >= 0 && s >= 0 && r < x.Side && s < x.Side)
                {
                    sum += weight[(o * inChannels * kernel * kernel) + k] * x[r, s, (o * (x.Channels / inChannels) / outChannels * inChannels) + c];
                }
            }

            to.Values[i] = sum;
        }

        return to;
    }

    private static Plane Pool(Plane x)
    {
        var to = new Plane(x.Side / 2, x.Channels);
        for (var i = 0; i < to.Values.Length; i++)
        {
            var (r, c, channel) = (i / to.Channels / to.Side * 2, i / to.Channels % to.Side * 2, i % to.Channels);
            to.Values[i] = (x[r, c, channel] + x[r + 1, c, channel] + x[r, c + 1, channel] + x[r + 1, c + 1, channel]) / 4;
        }

        return to;
    }

    private Plane Norm(string name, Plane x, double epsilon)
    {
        var (weight, bias) = (Tensor($"{name}.weight"), Tensor($"{name}.bias"));
        return x.Each(x.Channels, pixel =>
        {
            var mean = pixel.Average();
            var deviation = Math.Sqrt(pixel.Average(v => (v - mean) * (v - mean)) + epsilon);
            return [.. pixel.Select((v, c) => ((v - mean) / deviation * weight[c]) + bias[c])];
        });
    }

    private Plane Batch(string name, Plane x, double epsilon)
    {
        var (weight, bias, mean, variance) = (Tensor($"{name}.weight"), Tensor($"{name}.bias"), Tensor($"{name}.running_mean"), Tensor($"{name}.running_var"));
        return x.Each(x.Channels, pixel => [.. pixel.Select((v, c) => ((v - mean[c]) / Math.Sqrt(variance[c] + epsilon) * weight[c]) + bias[c])]);
    }

    private static double Gelu(double x)
    {
        // Beyond 6 what is missing is less than a thousand-millionth.
        if (Math.Abs(x) > 6)
        {
            return Math.Max(x, 0);
        }

        // The series of the error function.
        var (z, term) = (x / Math.Sqrt(2), x / Math.Sqrt(2));
        var sum = term;
        for (var n = 1; n < 120; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return 0.5 * x * (1 + (2 / Math.Sqrt(Math.PI) * sum));
    }

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private readonly Dictionary<string, double[]> _tensors = new(StringComparer.Ordinal);

    private bool Has(string name) => architecture.Tensors.Any(t => string.Equals(t.Name, name, StringComparison.Ordinal));

    private double[] Tensor(string name)
    {
        if (!_tensors.TryGetValue(name, out var values))
        {
            values = [.. weights[name].data<float>().ToArray().Select(v => (double)v)];
            _tensors[name] = values;
        }

        return values;
    }

    private System.Collections.Immutable.ImmutableArray<long> Shape(string name) => architecture.Tensors.Single(t => string.Equals(t.Name, name, StringComparison.Ordinal)).Shape;
}
