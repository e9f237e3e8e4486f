using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Mean and standard deviation of a data set's images, prepared as a recipe prepares them.</summary>
/// <param name="Mean">Of levels / 255: red, green, blue.</param>
/// <param name="Std">Of the same.</param>
/// <param name="Images">Images counted.</param>
/// <param name="Pixels">Pixels counted, padding included.</param>
/// <param name="Rejected">Images that could not be used.</param>
public sealed record DataStatistics(ImmutableArray<double> Mean, ImmutableArray<double> Std, long Images, long Pixels, ImmutableArray<Rejected> Rejected)
{
    /// <summary>files ─> decode ─> pad-resize ─> count, in one pass.</summary>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static DataStatistics Measure(
        ImageFlowOptions options, IReadOnlyList<Sample> samples, ProgressBarFactory progress, CancellationToken cancellation = default)
    {
        var (counts, rejected) = (new ChannelHistograms(), ImmutableArray.CreateBuilder<Rejected>());
        using (var bar = progress("mean and std", samples.Count, "images"))
        {
            ImageFlow.Images(options, samples).Run(
                pixels =>
                {
                    counts.Add(pixels);
                    bar.Report(counts.Images + rejected.Count);
                },
                rejected.Add,
                cancellation);
        }

        return counts.Images == 0
            ? throw new RefusalException($"None of the {samples.Count} images could be used{(rejected.Count > 0 ? $"; the first was rejected as {rejected[0]}" : "")}.")
            : new DataStatistics(counts.Mean, counts.Std, counts.Images, counts.PixelCount, rejected.ToImmutable());
    }

    /// <summary>The recipe with the data set's own mean and std filled in where it asks for them; else the recipe as it is.</summary>
    /// <remarks>Counted over the training images alone, and kept in the run's recipe, so that prediction normalises alike.</remarks>
    public static Recipe Resolve(Recipe recipe, DataSet data, JobContext context, CancellationToken cancellation = default)
    {
        if (recipe.Preparation is not { Normalization: Normalization.DataSet, Mean: null })
        {
            return recipe;
        }

        var train = DataSource.Split(data, recipe).Train;
        var found = Measure(ImageFlow.Options(recipe, RecipeModel.Build(recipe, Math.Max(1, data.Classes.Length))), train, context.Progress, cancellation);
        context.Log($"normalised by the data set's own mean {string.Join(' ', found.Mean.Select(m => $"{m:0.0000}"))}, std {string.Join(' ', found.Std.Select(s => $"{s:0.0000}"))}");

        // Six decimals, so that training and a recipe read back from YAML (whose numbers are single precision) normalise by the same numbers.
        static ImmutableArray<double> Rounded(ImmutableArray<double> values) => [.. values.Select(v => Math.Round(v, 6))];
        return recipe with { Preparation = recipe.Preparation with { Mean = Rounded(found.Mean), Std = Rounded(found.Std) } };
    }
}
