using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Reads W&amp;B's sweep form (docs.wandb.ai/guides/sweeps/sweep-config-keys), and says in one sentence what is wrong with it.</summary>
public static class SweepFile
{
    private static readonly string[] _ours = ["method", "metric", "parameters", "early_terminate", "run_cap", "name", "description"];
    private static readonly string[] _theirs = ["program", "command", "project", "entity", "controller", "image", "job", "imageuri", "method_args"];
    private static readonly string[] _distributionKeys = ["distribution", "value", "values", "probabilities", "min", "max", "mu", "sigma", "q", "parameters", "description"];

    /// <summary>Reads the file.</summary>
    /// <exception cref="RefusalException">There is no such file, or it is not YAML.</exception>
    /// <exception cref="UsageException">A key is unknown, or a value does not fit.</exception>
    public static SweepPlan Read(string file) => File.Exists(file)
        ? Parse(File.ReadAllText(file), Path.GetFileName(file))
        : throw new RefusalException($"There is no sweep file {file}.");

    /// <summary>Reads the text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="RefusalException">It is not YAML.</exception>
    /// <exception cref="UsageException">A key is unknown, or a value does not fit.</exception>
    public static SweepPlan Parse(string yaml, string where)
    {
        var root = Load(yaml, where) as Map ?? throw new RefusalException($"{where} is not a sweep: a mapping with method, metric and parameters is expected.");
        if (root.Keys.FirstOrDefault(k => !_ours.Contains(k) && !_theirs.Contains(k)) is { } unknown)
        {
            throw new UsageException($"{unknown} is no key of a sweep; known are {string.Join(", ", _ours)} (and, without effect, {string.Join(", ", _theirs)}).");
        }

        var method = Text(root, "method", where);
        var metric = root.GetValueOrDefault("metric") as Map ?? throw new UsageException($"{where} has no metric, where a name and a goal are expected, such as metric: {{ name: val_loss, goal: minimize }}.");
        Known(metric, "metric", "name", "goal", "target");
        var goal = metric.GetValueOrDefault("goal") ?? "minimize";
        var parameters = root.GetValueOrDefault("parameters") as Map is { Count: > 0 } given
            ? Parameters(given, "").OrderBy(p => p.Name, StringComparer.Ordinal).ToImmutableArray()
            : throw new UsageException($"{where} has no parameters; give at least one, such as parameters: {{ lr: {{ min: 0.0001, max: 0.01 }} }}.");
        if (parameters.GroupBy(p => p.Key).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UsageException($"{string.Join(" and ", twice.Select(p => p.Name))} both mean {twice.Key}; keep one of them.");
        }

        var plan = new SweepPlan
        {
            Method = method switch
            {
                "grid" => SweepMethod.Grid,
                "random" => SweepMethod.Random,
                "bayes" => SweepMethod.Bayes,
                _ => throw new UsageException($"method is {method}, where grid, random or bayes is expected."),
            },
            Metric = SweepNames.Metric(Text(metric, "name", "metric")),
            Maximize = goal is "maximize" or "minimize" ? goal is "maximize" : throw new UsageException($"metric.goal is {SweepPlan.Text(goal)}, where minimize or maximize is expected."),
            Target = metric.ContainsKey("target") ? Number(metric, "target", "metric") : null,
            Parameters = parameters,
            EarlyTerminate = root.TryGetValue("early_terminate", out var early) && early is not null ? Early(early) : null,
            RunCap = root.ContainsKey("run_cap") ? Whole(root, "run_cap", where, 1) : null,
            Name = root.GetValueOrDefault("name") as string,
            Ignored = [.. root.Keys.Where(_theirs.Contains)],
        };
        if (plan.Method == SweepMethod.Grid && plan.Parameters.FirstOrDefault(p => p.Distribution.Count is null) is { } endless)
        {
            throw new UsageException($"A grid needs finitely many values, and {endless.Name} is {endless.Distribution}; give values, whole min and max, or q_uniform, or choose method random or bayes.");
        }

        // A grid has each value once, whatever its probability.
        return plan.Method != SweepMethod.Grid ? plan : plan with { Parameters = [.. plan.Parameters.Select(p => p with { Distribution = p.Distribution with { Probabilities = [] } })] };
    }

    private static IEnumerable<SweepParameter> Parameters(Map map, string prefix)
    {
        foreach (var (name, value) in map)
        {
            var path = prefix + name;
            var settings = value as Map ?? throw new UsageException($"parameters.{path} is {SweepPlan.Text(value)}, where a mapping is expected, such as {{ value: … }} or {{ values: […] }}.");
            Known(settings, $"parameters.{path}", _distributionKeys);
            if (settings.TryGetValue("parameters", out var nested))
            {
                foreach (var inner in Parameters(nested as Map ?? throw new UsageException($"parameters.{path}.parameters is no mapping of parameters."), $"{path}."))
                {
                    yield return inner;
                }

                continue;
            }

            yield return new SweepParameter(path, SweepNames.Key(path), Distribution(settings, $"parameters.{path}"));
        }
    }

    private static Distribution Distribution(Map map, string where)
    {
        // What W&B infers where no distribution is named.
        var name = map.GetValueOrDefault("distribution") switch
        {
            string given => given,
            null when map.ContainsKey("value") => "constant",
            null when map.ContainsKey("values") => "categorical",
            null when map.TryGetValue("min", out var low) && map.TryGetValue("max", out var high) => low is long && high is long ? "int_uniform" : "uniform",
            null => throw new UsageException($"{where} has {string.Join(", ", map.Keys)}, where value, values, or min and max are expected."),
            var other => throw new UsageException($"{where}.distribution is {SweepPlan.Text(other)}, where a name is expected."),
        };
        double Need(string key) => map.ContainsKey(key) ? Number(map, key, where) : throw new UsageException($"{where} is {name} and has no {key}; give one.");
        double Or(string key, double missing) => map.ContainsKey(key) ? Number(map, key, where) : missing;

        var quantized = name.StartsWith("q_", StringComparison.Ordinal);
        var distribution = (quantized ? name[2..] : name) switch
        {
            "constant" => new Distribution
            {
                Kind = DistributionKind.Constant,
                Values = [map.TryGetValue("value", out var value) ? value : throw new UsageException($"{where} is constant and has no value; give one.")],
            },
            "categorical" => Categorical(map, where),
            "int_uniform" => new Distribution { Kind = DistributionKind.IntUniform, Min = Whole(map, "min", where), Max = Whole(map, "max", where) },
            "uniform" => new Distribution { Kind = DistributionKind.Uniform, Min = Need("min"), Max = Need("max") },
            "log_uniform" => new Distribution { Kind = DistributionKind.LogUniform, Min = Need("min"), Max = Need("max") },
            "log_uniform_values" or "inv_log_uniform_values" => new Distribution { Kind = DistributionKind.LogUniformValues, Min = Need("min"), Max = Need("max") },
            "inv_log_uniform" => new Distribution { Kind = DistributionKind.InvLogUniform, Min = Need("min"), Max = Need("max") },
            "normal" => new Distribution { Kind = DistributionKind.Normal, Mu = Or("mu", 0), Sigma = Or("sigma", 1) },
            "log_normal" => new Distribution { Kind = DistributionKind.LogNormal, Mu = Or("mu", 0), Sigma = Or("sigma", 1) },
            _ => throw new UsageException(
                $"{where}.distribution is {name}, where constant, categorical, int_uniform, uniform, q_uniform, log_uniform, log_uniform_values, q_log_uniform_values, inv_log_uniform, normal or log_normal is expected."),
        };
        if (quantized)
        {
            if (distribution.Kind is DistributionKind.Constant or DistributionKind.Categorical or DistributionKind.IntUniform)
            {
                throw new UsageException($"{where}.distribution is {name}, which there is not; leave q_ out.");
            }

            distribution = distribution with { Q = Or("q", 1) };
        }
        else if (map.ContainsKey("q"))
        {
            throw new UsageException($"{where} has a q, and its distribution {name} does not take one; write distribution: q_{name}.");
        }

        if (!(distribution.Min <= distribution.Max))
        {
            throw new UsageException($"{where} goes from min {distribution.Min:R} to max {distribution.Max:R}; give a max that is not below min.");
        }

        if (distribution.Kind == DistributionKind.LogUniformValues && distribution.Min <= 0)
        {
            throw new UsageException($"{where}.min is {distribution.Min:R}, where a number above 0 is expected: {name} is even in the logarithm of its values.");
        }

        if (distribution.Sigma <= 0)
        {
            throw new UsageException($"{where}.sigma is {distribution.Sigma:R}, where a number above 0 is expected.");
        }

        return distribution.Q <= 0 || distribution.Multiples is { } m && m.Last < m.First
            ? throw new UsageException($"{where}.q is {distribution.Q:R}, which has no multiple within the bounds; give a smaller one above 0.")
            : distribution;
    }

    private static Distribution Categorical(Map map, string where)
    {
        var values = map.GetValueOrDefault("values") as List<object?> is { Count: > 0 } given ? given : throw new UsageException($"{where}.values is no list of values; give at least one.");
        var probabilities = ImmutableArray<double>.Empty;
        if (map.TryGetValue("probabilities", out var listed))
        {
            probabilities = listed is List<object?> numbers && numbers.All(n => n is long or double)
                ? [.. numbers.Select(n => Convert.ToDouble(n, CultureInfo.InvariantCulture))]
                : throw new UsageException($"{where}.probabilities is no list of numbers.");
            if (probabilities.Length != values.Count || probabilities.Any(p => p < 0) || Math.Abs(probabilities.Sum() - 1) > 1e-6)
            {
                throw new UsageException($"{where}.probabilities has {probabilities.Length} numbers with the sum {probabilities.Sum():0.######}, where {values.Count} of 0 or more with the sum 1 are expected.");
            }
        }

        return new Distribution { Kind = DistributionKind.Categorical, Values = [.. values], Probabilities = probabilities };
    }

    private static Hyperband Early(object early)
    {
        var map = early as Map ?? throw new UsageException("early_terminate is no mapping; write early_terminate: { type: hyperband, min_iter: 3 }.");
        Known(map, "early_terminate", "type", "min_iter", "max_iter", "s", "eta", "strict");
        if (map.GetValueOrDefault("type") is not "hyperband")
        {
            throw new UsageException($"early_terminate.type is {SweepPlan.Text(map.GetValueOrDefault("type"))}, where hyperband is expected.");
        }

        if (map.ContainsKey("min_iter") == map.ContainsKey("max_iter"))
        {
            throw new UsageException("early_terminate needs either min_iter (the first bracket) or max_iter (a whole trial's epochs, with s brackets).");
        }

        var hyperband = new Hyperband
        {
            MinIter = map.ContainsKey("min_iter") ? Whole(map, "min_iter", "early_terminate", 1) : null,
            MaxIter = map.ContainsKey("max_iter") ? Whole(map, "max_iter", "early_terminate", 1) : null,
            S = map.ContainsKey("s") ? Whole(map, "s", "early_terminate", 1) : map.ContainsKey("max_iter") ? throw new UsageException("early_terminate has max_iter and no s; give the number of brackets.") : 1,
            Eta = map.ContainsKey("eta") ? Number(map, "eta", "early_terminate") : 3,
            Strict = map.GetValueOrDefault("strict") is true,
        };
        if (!(hyperband.Eta > 1))
        {
            throw new UsageException($"early_terminate.eta is {hyperband.Eta:R}, where a number above 1 is expected.");
        }

        return hyperband.Brackets.IsEmpty
            ? throw new UsageException($"early_terminate has no bracket: max_iter {hyperband.MaxIter} / eta {hyperband.Eta:R} is below 1; give a larger max_iter.")
            : hyperband;
    }

    private static void Known(Map map, string where, params string[] known)
    {
        if (map.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
        {
            throw new UsageException($"{where}.{unknown} is not known; known there are {string.Join(", ", known)}.");
        }
    }

    private static string Text(Map map, string key, string where) =>
        map.GetValueOrDefault(key) as string ?? throw new UsageException($"{where} has no {key}, where a name is expected.");

    private static double Number(Map map, string key, string where) => map.GetValueOrDefault(key) switch
    {
        long whole => whole,
        double number when double.IsFinite(number) => number,
        var other => throw new UsageException($"{where}.{key} is {SweepPlan.Text(other)}, where a number is expected."),
    };

    private static int Whole(Map map, string key, string where, int least = int.MinValue) => map.GetValueOrDefault(key) switch
    {
        long whole when whole >= least && whole <= int.MaxValue => (int)whole,
        var other => throw new UsageException($"{where}.{key} is {SweepPlan.Text(other)}, where a whole number{(least > int.MinValue ? $" of {least} or more" : "")} is expected."),
    };

    // YAML's core schema, with numbers in double precision: 1 is whole, 1.0 and 1e-3 are not.
    private static object? Load(string yaml, string where)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new RefusalException($"{where} is not YAML: {(e.InnerException ?? e).Message.TrimEnd('.')} (line {e.Start.Line}).", e);
        }

        return stream.Documents.Count == 0 ? null : Value(stream.Documents[0].RootNode);
    }

    private static object? Value(YamlNode node) => node switch
    {
        YamlMappingNode map => new Map(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Value(c.Value)))),
        YamlSequenceNode list => list.Children.Select(Value).ToList(),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static object? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && text.Any(char.IsDigit) => number,
        _ => text,
    };

    private sealed class Map(IEnumerable<KeyValuePair<string, object?>> items) : Dictionary<string, object?>(items, StringComparer.Ordinal);
}
