using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Reads the distribution of a parameter from a sweep file.</summary>
internal static class DistributionReader
{
    /// <summary>Keys that a parameter may have.</summary>
    public static string[] Keys { get; } = ["distribution", "value", "values", "probabilities", "min", "max", "mu", "sigma", "q", "parameters", "description"];

    private static readonly string[] _names =
    [
        "constant", "categorical", "int_uniform", "uniform", "q_uniform", "log_uniform", "log_uniform_values", "q_log_uniform_values", "inv_log_uniform",
        "normal", "log_normal",
    ];

    /// <summary>Reads a parameter's distribution; without a name it is inferred from the keys, as in W&amp;B.</summary>
    /// <param name="map">The parameter.</param>
    /// <param name="where">Path of the parameter for messages.</param>
    /// <exception cref="UsageException">A key is missing, or a value does not fit.</exception>
    public static Distribution Read(YamlMap map, string where)
    {
        var name = Name(map, where);
        var quantized = name.StartsWith("q_", StringComparison.Ordinal);
        var distribution = ReadKind(map, quantized ? name[2..] : name, name, where);
        if (quantized)
        {
            if (distribution.Kind is DistributionKind.Constant or DistributionKind.Categorical or DistributionKind.IntUniform)
            {
                throw new UsageException($"{where}.distribution is {name}, which does not exist; leave out q_.");
            }

            distribution = distribution with { Q = map.ContainsKey("q") ? map.Number("q", where) : 1 };
        }
        else if (map.ContainsKey("q"))
        {
            throw new UsageException($"{where} has a q, which the distribution {name} does not accept; write distribution: q_{name}.");
        }

        return Checked(distribution, name, where);
    }

    private static string Name(YamlMap map, string where) => map.GetValueOrDefault("distribution") switch
    {
        string given => given,
        null when map.ContainsKey("value") => "constant",
        null when map.ContainsKey("values") => "categorical",
        null when map.TryGetValue("min", out var low) && map.TryGetValue("max", out var high) => low is long && high is long ? "int_uniform" : "uniform",
        null => throw new UsageException($"{where} has {string.Join(", ", map.Keys)}, expected value, values, or min and max."),
        var other => throw new UsageException($"{where}.distribution is {SweepPlan.Format(other)}, expected a name."),
    };

    private static Distribution ReadKind(YamlMap map, string kind, string name, string where)
    {
        return kind switch
        {
            "constant" => new Distribution
            {
                Kind = DistributionKind.Constant,
                Values = [map.TryGetValue("value", out var value) ? value : throw new UsageException($"{where} is constant and has no value; add one.")],
            },
            "categorical" => Categorical(map, where),
            "int_uniform" => new Distribution { Kind = DistributionKind.IntUniform, Min = map.Whole("min", where), Max = map.Whole("max", where) },
            "uniform" => new Distribution { Kind = DistributionKind.Uniform, Min = Required("min"), Max = Required("max") },
            "log_uniform" => new Distribution { Kind = DistributionKind.LogUniform, Min = Required("min"), Max = Required("max") },
            "log_uniform_values" or "inv_log_uniform_values" =>
                new Distribution { Kind = DistributionKind.LogUniformValues, Min = Required("min"), Max = Required("max") },
            "inv_log_uniform" => new Distribution { Kind = DistributionKind.InvLogUniform, Min = Required("min"), Max = Required("max") },
            "normal" => new Distribution { Kind = DistributionKind.Normal, Mu = Optional("mu", 0), Sigma = Optional("sigma", 1) },
            "log_normal" => new Distribution { Kind = DistributionKind.LogNormal, Mu = Optional("mu", 0), Sigma = Optional("sigma", 1) },
            _ => throw new UsageException(
                $"{where}.distribution is {name}{Spelling.DidYouMean(name, _names)}, expected one of {string.Join(", ", _names)}."),
        };

        double Required(string key) => map.ContainsKey(key) ? map.Number(key, where) : throw new UsageException(
            $"{where} is {name} and has no {key}; add one.");
        double Optional(string key, double missing) => map.ContainsKey(key) ? map.Number(key, where) : missing;
    }

    private static Distribution Categorical(YamlMap map, string where)
    {
        var values = map.GetValueOrDefault("values") as List<object?> is { Count: > 0 } given
            ? given
            : throw new UsageException($"{where}.values is {SweepPlan.Format(map.GetValueOrDefault("values"))}, expected a list with at least one value.");
        var probabilities = ImmutableArray<double>.Empty;
        if (map.TryGetValue("probabilities", out var listed))
        {
            probabilities = listed is List<object?> numbers && numbers.All(n => n is long or double)
                ? [.. numbers.Select(n => Convert.ToDouble(n, CultureInfo.InvariantCulture))]
                : throw new UsageException($"{where}.probabilities is {SweepPlan.Format(listed)}, expected a list of numbers.");
            if (probabilities.Length != values.Count || probabilities.Any(p => p < 0) || Math.Abs(probabilities.Sum() - 1) > 1e-6)
            {
                throw new UsageException(
                    $"{where}.probabilities has {probabilities.Length} numbers with the sum {probabilities.Sum():0.######}, expected {values.Count} "
                        + "non-negative numbers with the sum 1.");
            }
        }

        return new Distribution { Kind = DistributionKind.Categorical, Values = [.. values], Probabilities = probabilities };
    }

    private static Distribution Checked(Distribution distribution, string name, string where)
    {
        if (!(distribution.Min <= distribution.Max))
        {
            throw new UsageException($"{where} has min {distribution.Min:R} and max {distribution.Max:R}, expected a max that is not below min.");
        }

        if (distribution.Kind == DistributionKind.LogUniformValues && distribution.Min <= 0)
        {
            throw new UsageException($"{where}.min is {distribution.Min:R}, expected a number above 0: {name} is uniform in the logarithm of its values.");
        }

        if (distribution.Sigma <= 0)
        {
            throw new UsageException($"{where}.sigma is {distribution.Sigma:R}, expected a number above 0.");
        }

        return distribution.Q <= 0 || (distribution.Multiples is { } m && m.Last < m.First)
            ? throw new UsageException($"{where}.q is {distribution.Q:R}, expected a number above 0 that has a multiple within the bounds.")
            : distribution;
    }
}
