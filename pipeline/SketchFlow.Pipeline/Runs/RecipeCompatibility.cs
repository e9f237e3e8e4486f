using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Checks whether a run can be resumed with another recipe.</summary>
public static class RecipeCompatibility
{
    // Keys that may differ on resume, because they do not change what has been computed.
    private static readonly ImmutableArray<string> _changeable =
        ["description", "epochs", "workers", "threads", "device", "data.path", "data.fold", "data.cache_megabytes", "stopping", "checkpoints", "weights"];

    /// <summary>Compares a requested recipe with the stored recipe of a run.</summary>
    /// <exception cref="RefusalException">They differ in a key that affects the result; the message states both values.</exception>
    public static void Check(RunFolder folder, Recipe stored, Recipe requested)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(requested);
        if (requested.Preparation is { Normalization: Normalization.DataSet, Mean: null })
        {
            requested = requested with { Preparation = requested.Preparation with { Mean = stored.Preparation.Mean, Std = stored.Preparation.Std } };
        }

        var (before, after) = (RecipeKeys.Flatten(stored), RecipeKeys.Flatten(requested));
        foreach (var key in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (oldValue, newValue) = (before.GetValueOrDefault(key, "null"), after.GetValueOrDefault(key, "null"));
            if (oldValue != newValue && !_changeable.Any(k => key == k || key.StartsWith(k + ".", StringComparison.Ordinal)))
            {
                throw new RefusalException(
                    $"The run {folder.Name} was started with {key} {oldValue} and cannot resume with {newValue}; "
                    + "keep the original value, or train a new --run.");
            }
        }
    }
}
