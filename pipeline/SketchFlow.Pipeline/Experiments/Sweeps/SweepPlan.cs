using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Contents of a sweep file.</summary>
public sealed record SweepPlan
{
    /// <summary>Method to choose trials.</summary>
    public required SweepMethod Method { get; init; }

    /// <summary>Column of <c>metrics.csv</c> to optimise.</summary>
    public required string Metric { get; init; }

    /// <summary>Whether a larger metric is better.</summary>
    public bool Maximize { get; init; }

    /// <summary>Metric value that ends the sweep once a trial reaches it; null for none.</summary>
    public double? Target { get; init; }

    /// <summary>All settings, sorted by name.</summary>
    public required ImmutableArray<SweepParameter> Parameters { get; init; }

    /// <summary>Early termination; null runs every trial to its end.</summary>
    public Hyperband? EarlyTerminate { get; init; }

    /// <summary>Number of trials; null for all of a grid.</summary>
    public int? RunCap { get; init; }

    /// <summary>Name in the file; null without one.</summary>
    public string? Name { get; init; }

    /// <summary>Keys of the file that W&amp;B uses to launch programs and that are ignored here.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];

    /// <summary>Random seed of the suggestions.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Settings with more than one value, in order; a trial is a point in their unit cube.</summary>
    public ImmutableArray<SweepParameter> Searched => [.. Parameters.Where(p => !p.Distribution.IsConstant)];

    /// <summary>Maximum number of different trials: the combinations of a grid; null for infinitely many.</summary>
    public long? Combinations => Searched.Aggregate<SweepParameter, long?>(
        1, (product, p) => p.Distribution.Count is { } count && product is { } combinations ? Math.Min(combinations * count, int.MaxValue) : null);

    /// <summary>Sentences about distributions whose bounds look like values where exponents are expected.</summary>
    public ImmutableArray<string> Warnings =>
        [.. Searched.Where(p => p.Distribution.HasValuesAsExponents).Select(p => $"Warning: {p.Name} {p.Distribution.ExponentWarning}")];

    /// <summary>Returns the settings at a point of the unit cube, constants included.</summary>
    /// <param name="units">Coordinates, one per searched setting, in [0, 1].</param>
    public ImmutableArray<(SweepParameter Parameter, object? Value)> SettingsAt(IReadOnlyList<double> units)
    {
        var next = 0;
        return [.. Parameters.Select(p => (p, p.Distribution.IsConstant ? p.Distribution.Values[0] : p.Distribution.At(units[next++])))];
    }

    /// <summary>Returns the plan without the settings that the command line fixes.</summary>
    /// <param name="overrides">Overrides in the form of <c>--set</c>; <c>model=…</c> stands for <c>--model</c>.</param>
    /// <exception cref="UsageException">Nothing is left to search.</exception>
    public SweepPlan Without(IEnumerable<string> overrides)
    {
        var fixedKeys = overrides.Select(s => s.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        var remaining = Parameters.RemoveAll(p => fixedKeys.Contains(p.Key) || (p.Key == "architecture" && fixedKeys.Contains(RecipeAliases.Model)));
        return remaining.IsEmpty
            ? throw new UsageException("The command line sets all parameters of the sweep, so nothing is left to search; set fewer.")
            : this with { Parameters = remaining };
    }

    /// <summary>Checks every setting at both ends of its values before anything is trained.</summary>
    /// <param name="check">Builds the recipe of a point, or throws.</param>
    /// <exception cref="UsageException">A value makes no valid recipe.</exception>
    public void CheckSettings(Action<IReadOnlyList<double>> check)
    {
        double[] middle = [.. Searched.Select(_ => 0.5)];
        check(middle);
        for (var i = 0; i < middle.Length; i++)
        {
            var distribution = Searched[i].Distribution;
            foreach (var unit in ExtremePoints(distribution))
            {
                double[] units = [.. middle];
                units[i] = unit;
                try
                {
                    check(units);
                }
                catch (Exception e) when (e is UsageException or RefusalException)
                {
                    throw new UsageException($"{Searched[i].Name} {Format(distribution.At(unit))} makes no valid recipe: {e.Message}", e);
                }
            }
        }
    }

    /// <summary>Returns a text that is equal for two sweeps if a journal of one may be continued by the other: all but the number of trials.</summary>
    /// <param name="overrides">Settings that the command line fixes.</param>
    public string Identity(IEnumerable<string> overrides) => JsonSerializer.Serialize(new
    {
        method = Method.ToString(),
        metric = Metric,
        maximize = Maximize,
        seed = Seed,
        parameters = Parameters.Select(Describe),
        early_terminate = EarlyTerminate?.ToString(),
        set = overrides,
    });

    /// <summary>Formats a value for tables and messages.</summary>
    /// <param name="value">The value.</param>
    public static string Format(object? value) => value is string text ? text : JsonSerializer.Serialize(value);

    // A part of the identity in journals of all versions.
    private static string Describe(SweepParameter parameter)
    {
        var d = parameter.Distribution;
        return $"{parameter.Key}: {d.Kind} {JsonSerializer.Serialize(d.Values)} {string.Join(' ', d.Probabilities)} "
            + $"{d.Min:R} {d.Max:R} {d.Mu:R} {d.Sigma:R} {d.Q:R}";
    }

    // Every value of a list, both ends of a range, none of an unbounded Gaussian.
    private static IEnumerable<double> ExtremePoints(Distribution distribution) => distribution.Kind switch
    {
        DistributionKind.Categorical => Enumerable.Range(0, 1000).Select(u => u / 1000.0).DistinctBy(distribution.Index),
        DistributionKind.Normal or DistributionKind.LogNormal => [],
        _ => [0, 1],
    };
}
