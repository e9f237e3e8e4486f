using System.Collections.Immutable;
using System.Text.Json;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>A sweep as its file says.</summary>
public sealed record SweepPlan
{
    /// <summary>How trials are chosen.</summary>
    public required SweepMethod Method { get; init; }

    /// <summary>A column of <c>metrics.csv</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Whether more of it is better.</summary>
    public bool Maximize { get; init; }

    /// <summary>A trial that is this good ends the sweep; null never does.</summary>
    public double? Target { get; init; }

    /// <summary>The searched settings, in the order of their names.</summary>
    public required ImmutableArray<SweepParameter> Parameters { get; init; }

    /// <summary>Early termination; null lets every trial run to its end.</summary>
    public Hyperband? EarlyTerminate { get; init; }

    /// <summary>Number of trials; null is all of a grid.</summary>
    public int? RunCap { get; init; }

    /// <summary>The file's own name for it; null where it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Keys of the file that say how W&amp;B starts a program, and mean nothing here.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];

    /// <summary>Seed of the suggestions.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The settings that are searched, in order; a trial is a place in their unit cube.</summary>
    public ImmutableArray<SweepParameter> Searched => [.. Parameters.Where(p => !p.Distribution.IsConstant)];

    /// <summary>Trials that there can be at most: the grid's combinations; null is no end.</summary>
    public long? Combinations => Searched.Aggregate<SweepParameter, long?>(1, (product, p) => p.Distribution.Count is { } count && product is { } so ? Math.Min(so * count, int.MaxValue) : null);

    /// <summary>The settings at a place of the unit cube, constants included.</summary>
    public ImmutableArray<(SweepParameter Parameter, object? Value)> At(IReadOnlyList<double> units)
    {
        var next = 0;
        return [.. Parameters.Select(p => (p, p.Distribution.IsConstant ? p.Distribution.Values[0] : p.Distribution.At(units[next++])))];
    }

    /// <summary>What makes two sweeps the same: everything but how many trials are wanted and what they are told.</summary>
    public string Identity(IEnumerable<string> overrides) => JsonSerializer.Serialize(new
    {
        method = Method.ToString(),
        metric = Metric,
        maximize = Maximize,
        seed = Seed,
        parameters = Parameters.Select(p => $"{p.Key}: {p.Distribution.Kind} {JsonSerializer.Serialize(p.Distribution.Values)} {string.Join(' ', p.Distribution.Probabilities)} {p.Distribution.Min:R} {p.Distribution.Max:R} {p.Distribution.Mu:R} {p.Distribution.Sigma:R} {p.Distribution.Q:R}"),
        early_terminate = EarlyTerminate?.ToString(),
        set = overrides,
    });

    /// <summary>How a value is written in an override and a table.</summary>
    public static string Text(object? value) => value is string text ? text : JsonSerializer.Serialize(value);
}
