using System.Collections.Immutable;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Checks whether a run can be resumed with another recipe.</summary>
public static class RecipeCompatibility
{
    // Keys that may differ on resume, because they do not change what has been computed.
    private static readonly ImmutableArray<string> _changeable =
        ["description", "epochs", "workers", "threads", "device", "data.path", "data.encoding", "data.fold", "data.cache_megabytes", "data.check_twins",
         "stopping", "checkpoints", "weights"];

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

        requested = requested with { Data = WithSplitOf(stored.Data, requested.Data) };
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

    /// <summary>Returns a recipe with the split of the run that it continues, if that is a run of an older version, which split by row numbers.</summary>
    /// <param name="folder">Folder of the run; one without a recipe changes nothing.</param>
    /// <param name="requested">The recipe.</param>
    public static Recipe KeepSplit(RunFolder folder, Recipe requested)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(requested);
        return File.Exists(folder.Recipe) ? requested with { Data = WithSplitOf(folder.Read().Data, requested.Data) } : requested;
    }

    // The recipes of today's program split in another way than runs of older versions, which keep their split.
    private static DataRecipe WithSplitOf(DataRecipe stored, DataRecipe requested) =>
        stored.SplitMethod == SplitMethod.Rows
        && requested is { SplitMethod: SplitMethod.Hash, Group: null }
        && requested.SplitSeed == new DataRecipe().SplitSeed
            ? requested with { SplitMethod = stored.SplitMethod, SplitSeed = stored.SplitSeed }
            : requested;
}
