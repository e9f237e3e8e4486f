using System.Runtime.CompilerServices;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Grouping;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Finds the groups of a data set's training rows that a recipe keeps together, once per data set.</summary>
internal static class GroupedData
{
    // Several parts of one training split the same data set: statistics, folds, the training itself.
    private static readonly ConditionalWeakTable<DataSet, Dictionary<SampleGrouping, SampleGroups>> _found = [];

    /// <summary>Finds the groups.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="recipe">Recipe with the rule.</param>
    /// <param name="log">Receives the number of groups and of rows without one; null for no log.</param>
    /// <returns>Function from a row to its group; null where every row is a group of its own.</returns>
    /// <exception cref="RefusalException">The column does not exist, or the pattern matches nothing.</exception>
    public static Func<Sample, string?>? Find(DataSet data, Recipe recipe, Action<string>? log)
    {
        if (recipe.Data.Group is not { } grouping)
        {
            return null;
        }

        var known = _found.GetOrCreateValue(data);
        lock (known)
        {
            if (!known.TryGetValue(grouping, out var groups))
            {
                known.Add(grouping, groups = Find(data, grouping, recipe));
            }

            log?.Invoke($"split: {groups}");
            return groups.NameOf;
        }
    }

    private static SampleGroups Find(DataSet data, SampleGrouping grouping, Recipe recipe) =>
        grouping.Column is { } column ? SampleGroups.ByColumn(data, column)
        : grouping.Pattern is { } pattern ? SampleGroups.ByPattern(data.Train, pattern)
        : FindTwins(data, recipe);

    // The images are decoded in the same way for every recipe, so that runs at other sizes have the same split.
    private static SampleGroups FindTwins(DataSet data, Recipe recipe)
    {
        var workers = recipe.Workers > 0 ? recipe.Workers : Environment.ProcessorCount;
        var decode = new DecodeOptions { MaxPixels = (long)(recipe.Data.MaxMegapixels * 1_000_000), ReducedDecoding = true, TargetSide = 128 };
        var images = Flow.From("files", data.Train).Map("decode", sample => ImageDecoder.Read(decode, sample), workers);
        var (samples, twins) = TwinSearch.Run(images, workers, CancellationToken.None);
        var sets = TwinFinder.Join(samples.Count, twins).Select(set => (IReadOnlyCollection<Sample>)[.. set.Select(i => samples[i])]);
        return SampleGroups.From(sets, data.Train.Length, "twins (exact, near and mirrored copies)");
    }
}
