using System.Numerics;
using SketchFlow.Learning.Models;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>Vision transformers: tokens are arrays of their channels, and what turns by its place is a complex number.</summary>
internal sealed partial class PlainNetwork
{
    /// <summary>What a query and a key, or a half of them, have in common before the softmax.</summary>
    private delegate double Likeness(int head, int from, int to);

    /// <summary>Logits of <paramref name="image"/> through a model of timm's <c>eva.py</c>.</summary>
    public double[] Eva(Plane image, Eva.Config config)
    {
        Func<string, double[], double[]> norm = (name, token) => LayerNorm(name, token, config.Epsilon);
        var side = image.Side / config.Patch;
        var x = Embed(image, config.Patch, norm, config.Prefix, config.PositionedPrefix);
        for (var block = 0; block < config.Depth; block++)
        {
            var name = $"blocks.{block}";
            var attended = Attend(config, block, side, [.. x.Select(token => norm($"{name}.norm1", token))]);
            x = [.. x.Select((token, i) => Sum(token, Scaled($"{name}.gamma_1", attended[i])))];
            x = [.. x.Select(token => Sum(token, Scaled($"{name}.gamma_2", Hidden($"{name}.mlp", norm($"{name}.norm2", token), Gelu, norm))))];
        }

        x = Has("norm.weight") ? [.. x.Select(token => norm("norm", token))] : x;
        var pooled = config.Pooling switch
        {
            VisionTransformer.Pooling.Token => x[0],
            VisionTransformer.Pooling.Mean => Mean(x[config.Prefix..]),
            _ => Pool(x, 8, Gelu, norm),
        };
        return Times("head", Has("fc_norm.weight") ? norm("fc_norm", pooled) : pooled);
    }

    /// <summary>Logits of <paramref name="image"/> through a model of timm's <c>vision_transformer.py</c>.</summary>
    public double[] Vit(Plane image, VisionTransformer.Config config)
    {
        Func<string, double[], double[]> norm = (name, token) => config.RmsNorm ? RmsNorm(name, token, config.Epsilon) : LayerNorm(name, token, config.Epsilon);
        Func<double, double> act = config.QuickGelu ? v => v / (1 + Math.Exp(-1.702 * v)) : config.TanhGelu ? GeluTanh : Gelu;
        var x = config.Embedding is null ? Embed(image, config.Patch, norm, config.Prefix, config.PositionedPrefix) : EmbedResampled(image, config.Patch);
        for (var block = 0; block < config.Depth; block++)
        {
            var name = $"blocks.{block}";
            x = config.Form switch
            {
                VisionTransformer.Form.OneMatrix or VisionTransformer.Form.OneMatrixDifferential => OneMatrix(name, block, x),
                VisionTransformer.Form.TwoAbreast => TwoAbreast(name, block, x),
                VisionTransformer.Form.NormBehind => Behind(name, block, x),
                _ => Serial(name, block, x),
            };
        }

        x = Has("norm.weight") ? [.. x.Select(token => norm("norm", token))] : x;
        var pooled = config.Pooling switch
        {
            VisionTransformer.Pooling.Token => x[0],
            VisionTransformer.Pooling.Mean => Mean(x[config.Prefix..]),
            _ => Pool(config.PoolsPrefix ? x : x[config.Prefix..], config.Heads, act, norm),
        };
        if (config.Distilled)
        {
            return [.. Times("head", x[0]).Zip(Times("head_dist", x[1]), (a, b) => (a + b) / 2)];
        }

        return Times("head", Has("fc_norm.weight") ? norm("fc_norm", pooled) : pooled);

        double[][] Serial(string name, int block, double[][] tokens)
        {
            var attended = Attention($"{name}.attn", block, [.. tokens.Select(token => norm($"{name}.norm1", token))]);
            tokens = [.. tokens.Select((token, i) => Sum(token, Scaled($"{name}.ls1.gamma", attended[i])))];
            return [.. tokens.Select(token => Sum(token, Scaled($"{name}.ls2.gamma", Hidden($"{name}.mlp", norm($"{name}.norm2", token), act, norm))))];
        }

        double[][] Behind(string name, int block, double[][] tokens)
        {
            var attended = Attention($"{name}.attn", block, tokens);
            tokens = [.. tokens.Select((token, i) => Sum(token, norm($"{name}.norm1", attended[i])))];
            return [.. tokens.Select(token => Sum(token, norm($"{name}.norm2", Hidden($"{name}.mlp", token, act, norm))))];
        }

        double[][] TwoAbreast(string name, int block, double[][] tokens)
        {
            var (first, second) = (One(0), One(1));
            tokens = [.. tokens.Select((token, i) => Sum(Sum(token, first[i]), second[i]))];
            return [.. tokens.Select(token => Sum(Sum(token, Other(0, token)), Other(1, token)))];

            double[][] One(int i)
            {
                var part = $"{name}.attns.{i}";
                return [.. Attention($"{part}.attn", block, [.. tokens.Select(token => norm($"{part}.norm", token))]).Select(t => Scaled($"{part}.ls.gamma", t))];
            }

            double[] Other(int i, double[] token) =>
                Scaled($"{name}.ffns.{i}.ls.gamma", Hidden($"{name}.ffns.{i}.mlp", norm($"{name}.ffns.{i}.norm", token), act, norm));
        }

        double[][] OneMatrix(string name, int block, double[][] tokens)
        {
            var hidden = (int)(config.Width * config.MlpRatio);
            var all = tokens.Select(token => Times($"{name}.in_proj", norm($"{name}.in_norm", token))).ToArray();
            var inner = all.Select(t => t[..hidden]).ToArray();
            inner = Has($"{name}.mlp_bias") ? [.. inner.Select(t => Sum(t, Tensor($"{name}.mlp_bias")))] : inner;
            var (q, k, v) = (Part(0), Part(1), Part(2));
            double[][] answers;
            if (config.Form == VisionTransformer.Form.OneMatrixDifferential)
            {
                var drawn = Differential(name, block, config.Heads, q, k, v);
                answers = [.. drawn.Select((t, i) => Times($"{name}.out_proj", [.. t, .. inner[i].Select(act)]))];
            }
            else
            {
                (q, k) = (Normed(q, $"{name}.q_norm"), Normed(k, $"{name}.k_norm"));
                var drawn = Draw(v, config.Heads, Dots(q, k, config.Heads));
                answers = [.. drawn.Select((t, i) => Sum(Times($"{name}.attn_out_proj", t), Times($"{name}.mlp_out_proj", [.. inner[i].Select(act)])))];
            }

            return [.. tokens.Select((token, i) => Sum(token, Scaled($"{name}.ls.gamma", answers[i])))];

            double[][] Part(int which) => [.. all.Select(t => t[(hidden + (which * config.Width))..(hidden + ((which + 1) * config.Width))])];
        }

        double[][] Normed(double[][] tokens, string name)
        {
            var width = config.Width / config.Heads;
            return Has($"{name}.weight") ? [.. tokens.Select(t => t.Chunk(width).SelectMany(head => norm(name, head)).ToArray())] : tokens;
        }

        double[][] Attention(string name, int block, double[][] tokens)
        {
            var all = tokens.Select(token => Times($"{name}.qkv", token)).ToArray();
            var (q, k, v) = (Part(0), Part(1), Part(2));
            var (dots, places) = (Dots(q, k, config.Heads), Places(name));
            var drawn = config.Differential
                ? Differential(name, block, config.Heads, q, k, v)
                : Draw(v, config.Heads, (head, from, to) => dots(head, from, to) + places(head, from, to));
            return [.. drawn.Select(t => Times($"{name}.proj", Has($"{name}.norm.weight") ? norm($"{name}.norm", t) : t))];

            double[][] Part(int which) => [.. all.Select(t => t[(which * config.Width)..((which + 1) * config.Width)])];
        }

        // Between patches alone: from the class token and to it there is no way.
        Likeness Places(string name)
        {
            var side = image.Side / config.Patch;
            var network = config.SharedPlaces ? "shared_rel_pos" : $"{name}.rel_pos";
            var bias = config.Places is { } places ? PlaceBias(network, places.From, side, config.Heads) : (_, _, _) => 0;
            return (head, from, to) =>
            {
                var (a, b) = (from - config.Prefix, to - config.Prefix);
                return a < 0 || b < 0 ? 0 : bias(head, (b / side) - (a / side), (b % side) - (a % side));
            };
        }
    }

    /// <summary>Register tokens, then the patches row by row, each pixel's channels together, with places resampled from a grid or from rows and columns.</summary>
    private double[][] EmbedResampled(Plane image, int patch)
    {
        var side = image.Side / patch;
        var patches = Enumerable.Range(0, side * side).Select(i => Times("embeds.proj",
        [
            .. from r in Enumerable.Range(i / side * patch, patch)
               from c in Enumerable.Range(i % side * patch, patch)
               from channel in Enumerable.Range(0, 3)
               select image[r, c, channel],
        ])).ToArray();
        var width = patches[0].Length;
        var registers = Has("embeds.reg_token") ? Tensor("embeds.reg_token").Chunk(width) : [];
        return [.. registers, .. patches.Select((token, i) => Sum(token, Place(i / side, i % side)))];

        double[] Place(int row, int column)
        {
            if (Has("embeds.pos_embed_y"))
            {
                return Sum(Along("embeds.pos_embed_y", row), Along("embeds.pos_embed_x", column));
            }

            var (places, grid) = (Tensor("embeds.pos_embed").Chunk(width).ToArray(), (int)Shape("embeds.pos_embed")[1]);
            return Weighed(from down in Bicubic(row, grid, side)
                           from right in Bicubic(column, grid, side)
                           select (places[(down.Place * grid) + right.Place], down.Weight * right.Weight));
        }

        double[] Along(string name, int place)
        {
            // Half-way between the two nearest middles, and no further than the ends.
            var places = Tensor(name).Chunk(width).ToArray();
            var at = Math.Max(0, ((place + 0.5) * places.Length / side) - 0.5);
            var (before, after) = ((int)at, Math.Min((int)at + 1, places.Length - 1));
            return Weighed([(places[before], 1 - (at - before)), (places[after], at - before)]);
        }

        double[] Weighed(IEnumerable<(double[] Values, double Weight)> parts)
        {
            var sum = new double[width];
            foreach (var (values, weight) in parts)
            {
                sum = [.. sum.Zip(values, (a, b) => a + (weight * b))];
            }

            return sum;
        }
    }

    /// <summary>Which places of <paramref name="from"/> make the one of <paramref name="to"/>, as PyTorch's antialiased bicubic interpolation weighs them (Keys 1981, a = -0.5).</summary>
    private static List<(int Place, double Weight)> Bicubic(int place, int from, int to)
    {
        // Bringing together widens the kernel by as much.
        var (centre, wide) = ((place + 0.5) * from / to, Math.Max(1, (double)from / to));
        var near = Enumerable.Range(0, from).Select(i => (Place: i, Weight: Kernel(Math.Abs(i + 0.5 - centre) / wide))).Where(p => p.Weight != 0).ToList();
        var all = near.Sum(p => p.Weight);
        return [.. near.Select(p => (p.Place, p.Weight / all))];

        static double Kernel(double x) => x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1 : x < 2 ? ((((((-0.5 * x) + 2.5) * x) - 4) * x) + 2) : 0;
    }

    /// <summary>Logits of <paramref name="image"/> through an encoder of Segment Anything.</summary>
    public double[] Sam(Plane image, VisionTransformerSam.Config config)
    {
        var x = Convolve(image, "patch_embed.proj", config.Patch, 0);
        x = Has("pos_embed") ? x.Plus(x with { Values = Tensor("pos_embed") }) : x;
        for (var block = 0; block < config.Depth; block++)
        {
            var (name, window) = ($"blocks.{block}", config.Global.Contains(block) ? x.Side : config.Window);
            x = x.Plus(WindowsWithSteps(Norm($"{name}.norm1", x, 1e-5), $"{name}.attn", window, config.Heads));
            x = x.Plus(Mlp(Norm($"{name}.norm2", x, 1e-5), $"{name}.mlp", Gelu));
        }

        x = config.Neck == 0
            ? Norm("neck", x, 1e-6)
            : Norm("neck.3", Convolve(Norm("neck.1", Convolve(x, "neck.0", 1, 0), 1e-6), "neck.2", 1, 1), 1e-6);
        return Times("head.fc", x.Mean());
    }

    /// <summary>Tokens look at their square, zeros beyond the image included, by what they say of the steps down and to the right.</summary>
    private Plane WindowsWithSteps(Plane x, string name, int window, int heads)
    {
        var filled = new Plane((x.Side + window - 1) / window * window, x.Channels);
        for (var i = 0; i < x.Values.Length; i++)
        {
            filled[i / x.Channels / x.Side, i / x.Channels % x.Side, i % x.Channels] = x.Values[i];
        }

        var (qkv, width) = (Linear(filled, $"{name}.qkv"), x.Channels / heads);
        var mixed = Attend(qkv, x.Channels, heads, allKeysThenValues: true, (q, k, _) => q.Zip(k, (a, b) => a * b).Sum() / Math.Sqrt(width), (r, c) =>
            from r2 in Enumerable.Range(r / window * window, window)
            from c2 in Enumerable.Range(c / window * window, window)
            select (r2, c2), Bias);
        var projected = Linear(mixed, $"{name}.proj");
        var cut = new Plane(x.Side, x.Channels);
        for (var i = 0; i < cut.Values.Length; i++)
        {
            cut.Values[i] = projected[i / x.Channels / x.Side, i / x.Channels % x.Side, i % x.Channels];
        }

        return cut;

        double Bias(int head, int r, int c, int r2, int c2) =>
            Enumerable.Range(0, width).Sum(i => qkv[r, c, (head * width) + i] * (Step("rel_pos_h", r - r2, i) + Step("rel_pos_w", c - c2, i)));

        double Step(string which, int step, int i) => Tensor($"{name}.{which}")[((step + window - 1) * width) + i];
    }

    /// <summary>Class and register tokens, then the patches row by row, with their positions.</summary>
    private double[][] Embed(Plane image, int patch, Func<string, double[], double[]> norm, int prefix, bool positionedPrefix)
    {
        var plane = Convolve(image, "patch_embed.proj", patch, 0);
        var patches = plane.Values.Chunk(plane.Channels).ToArray();
        patches = Has("patch_embed.norm.weight") ? [.. patches.Select(token => norm("patch_embed.norm", token))] : patches;
        double[][] x =
        [
            .. Has("cls_token") ? Tensor("cls_token").Chunk(plane.Channels) : [],
            .. Has("reg_token") ? Tensor("reg_token").Chunk(plane.Channels) : [],
            .. Has("dist_token") ? Tensor("dist_token").Chunk(plane.Channels) : [],
            .. patches,
        ];
        if (Has("pos_embed"))
        {
            var (positions, without) = (Tensor("pos_embed").Chunk(plane.Channels).ToArray(), positionedPrefix ? 0 : prefix);
            x = [.. x.Select((token, i) => i < without ? token : Sum(token, positions[i - without]))];
        }

        return Has("norm_pre.weight") ? [.. x.Select(token => norm("norm_pre", token))] : x;
    }

    /// <summary>Attention whose queries and keys turn by their place, or that has biases for relative places.</summary>
    private double[][] Attend(Eva.Config config, int block, int side, double[][] tokens)
    {
        var (name, width, headWidth) = ($"blocks.{block}.attn", config.Width, config.Width / config.Heads);
        var all = tokens.Select(token => Times($"{name}.qkv", token)).ToArray();
        var (q, k, v) = (Part(0, "q_bias"), Part(1, "k_bias"), Part(2, "v_bias"));
        (q, k) = ([.. q.Select(Turned)], [.. k.Select(Turned)]);
        var dots = Dots(q, k, config.Heads);
        return [.. Draw(v, config.Heads, (head, from, to) => dots(head, from, to) + Bias(head, from, to)).Select(t => Times($"{name}.proj", t))];

        double Bias(int head, int from, int to)
        {
            if (!config.PlaceBiases)
            {
                return 0;
            }

            var across = (2 * side) - 1;
            var row = (from, to) switch
            {
                (0, 0) => (across * across) + 2,
                (0, _) => across * across,
                (_, 0) => (across * across) + 1,
                _ => ((((from - 1) / side) - ((to - 1) / side) + side - 1) * across) + ((from - 1) % side) - ((to - 1) % side) + side - 1,
            };
            return Tensor($"{name}.relative_position_bias_table")[(row * config.Heads) + head];
        }

        double[][] Part(int which, string bias) => [.. all.Select(t =>
        {
            var part = t[(which * width)..((which + 1) * width)];
            return Has($"{name}.{bias}") ? Sum(part, Tensor($"{name}.{bias}")) : part;
        })];

        double[] Turned(double[] token, int index)
        {
            if (config.Rotation is not { } rotation || index < config.Prefix)
            {
                return token;
            }

            var (turned, half) = ((double[])token.Clone(), headWidth / 2);
            for (var head = 0; head < config.Heads; head++)
            {
                for (var pair = 0; pair < half; pair++)
                {
                    var (a, b) = rotation.Centred ? (pair, pair + half) : (2 * pair, (2 * pair) + 1);
                    var number = new Complex(token[(head * headWidth) + a], token[(head * headWidth) + b]) * Complex.FromPolarCoordinates(1, Angle(rotation, head, pair, index - config.Prefix));
                    (turned[(head * headWidth) + a], turned[(head * headWidth) + b]) = (number.Real, number.Imaginary);
                }
            }

            return turned;
        }

        double Angle(RotationOptions rotation, int head, int pair, int patch)
        {
            var (half, bands, row, column) = (headWidth / 2, headWidth / 4, patch / side, patch % side);
            if (config.LearnedRotation)
            {
                var (speeds, each) = (Tensor("rope.freqs"), config.Depth * config.Heads * half);
                var at = (((block * config.Heads) + head) * half) + pair;
                return (speeds[at] * column) + (speeds[each + at] * row);
            }

            var place = (pair < bands) ^ rotation.ColumnFirst ? row : column;
            var speed = Math.Pow(rotation.Temperature, -(pair % bands) / (double)bands);
            return speed * (rotation.Centred
                ? 2 * Math.PI * ((2 * (place + 0.5) / side) - 1)
                : (place + rotation.Offset) * (rotation.Reference is { } reference ? (double)reference / side : 1));
        }
    }

    /// <summary>Each head twice, with halves of its query and key; the second draw, weighed, is taken off the first.</summary>
    private double[][] Differential(string name, int block, int heads, double[][] q, double[][] k, double[][] v)
    {
        var headWidth = v[0].Length / heads;
        var half = headWidth / 2;
        var first = 0.8 - (0.6 * Math.Exp(-0.3 * block));
        var weight = Math.Exp(Product("q1", "k1")) - Math.Exp(Product("q2", "k2")) + first;
        var (all, taken) = (Draw(v, heads, Half(0)), Draw(v, heads, Half(1)));
        return [.. all.Select((token, i) => token.Zip(taken[i], (a, b) => a - (weight * b)).Chunk(headWidth)
            .SelectMany(head => RmsNorm($"{name}.sub_norm", head, 1e-5)).Select(value => value * (1 - first)).ToArray())];

        double Product(string a, string b) => Tensor($"{name}.lambda_{a}").Zip(Tensor($"{name}.lambda_{b}"), (x, y) => x * y).Sum();

        Likeness Half(int which) => (head, from, to) =>
            Enumerable.Range((head * headWidth) + (which * half), half).Sum(i => q[from][i] * k[to][i]) / Math.Sqrt(half);
    }

    private static Likeness Dots(double[][] q, double[][] k, int heads) => (head, from, to) =>
    {
        var width = q[0].Length / heads;
        return Enumerable.Range(head * width, width).Sum(i => q[from][i] * k[to][i]) / Math.Sqrt(width);
    };

    /// <summary>What every token draws from the values.</summary>
    private static double[][] Draw(double[][] values, int heads, Likeness alike) => Draw(values.Length, values, heads, alike);

    private static double[][] Draw(int tokens, double[][] values, int heads, Likeness alike)
    {
        var width = values[0].Length / heads;
        var drawn = new double[tokens][];
        for (var from = 0; from < tokens; from++)
        {
            drawn[from] = new double[values[0].Length];
            for (var head = 0; head < heads; head++)
            {
                var weights = Enumerable.Range(0, values.Length).Select(to => Math.Exp(alike(head, from, to))).ToList();
                for (var i = head * width; i < (head + 1) * width; i++)
                {
                    drawn[from][i] = weights.Zip(values, (weight, value) => weight * value[i]).Sum() / weights.Sum();
                }
            }
        }

        return drawn;
    }

    /// <summary>What one learned query draws from the tokens.</summary>
    private double[] Pool(double[][] tokens, int heads, Func<double, double> act, Func<string, double[], double[]> norm)
    {
        var (query, width) = (Times("attn_pool.q", Tensor("attn_pool.latent")), tokens[0].Length);
        var all = tokens.Select(token => Times("attn_pool.kv", token)).ToArray();
        var (keys, values) = (all.Select(t => t[..width]).ToArray(), all.Select(t => t[width..]).ToArray());
        var pooled = Times("attn_pool.proj", Draw(1, values, heads, Dots([query], keys, heads))[0]);
        return Sum(pooled, Hidden("attn_pool.mlp", norm("attn_pool.norm", pooled), act, norm));
    }

    /// <summary>An MLP of any form: its tensors say which.</summary>
    private double[] Hidden(string name, double[] token, Func<double, double> act, Func<string, double[], double[]> norm)
    {
        double[] inner;
        if (Has($"{name}.fc1_g.weight"))
        {
            inner = [.. Times($"{name}.fc1_g", token).Zip(Times($"{name}.fc1_x", token), (gate, value) => Silu(gate) * value)];
        }
        else if (Shape($"{name}.fc1.weight")[0] == 2 * Shape($"{name}.fc2.weight")[1])
        {
            var both = Times($"{name}.fc1", token);
            inner = [.. both[..(both.Length / 2)].Zip(both[(both.Length / 2)..], (gate, value) => Silu(gate) * value)];
        }
        else
        {
            inner = [.. Times($"{name}.fc1", token).Select(act)];
        }

        return Times($"{name}.fc2", Has($"{name}.norm.weight") ? norm($"{name}.norm", inner) : inner);
    }

    private double[] LayerNorm(string name, double[] token, double epsilon) => Norm(name, new Plane(1, token.Length) { Values = token }, epsilon).Values;

    private double[] RmsNorm(string name, double[] token, double epsilon)
    {
        var root = Math.Sqrt(token.Average(v => v * v) + epsilon);
        return [.. token.Zip(Tensor($"{name}.weight"), (v, weight) => v / root * weight)];
    }

    private double[] Scaled(string name, double[] token) => Has(name) ? [.. token.Zip(Tensor(name), (v, scale) => v * scale)] : token;

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Mean(double[][] tokens) => [.. Enumerable.Range(0, tokens[0].Length).Select(i => tokens.Average(token => token[i]))];
}
