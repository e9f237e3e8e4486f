using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Mean and standard deviation of the images of a data set, after the preparation of a recipe.</summary>
/// <param name="Mean">Mean of the levels / 255 for red, green and blue.</param>
/// <param name="Std">Standard deviation of the levels / 255 for red, green and blue.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Pixels">Number of pixels, including padding.</param>
/// <param name="Rejected">Images that could not be used.</param>
public sealed record DataStatistics(ImmutableArray<double> Mean, ImmutableArray<double> Std, long Images, long Pixels, ImmutableArray<Rejected> Rejected)
{
    /// <summary>Measures images in one pass: files ─> decode ─> pad-resize ─> count.</summary>
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
            ? throw new RefusalException(
                $"None of the {samples.Count} images could be used{(rejected.Count > 0 ? $"; the first was rejected as {rejected[0]}" : "")}.")
            : new DataStatistics(counts.Mean, counts.Std, counts.Images, counts.PixelCount, rejected.ToImmutable());
    }

    /// <summary>Measures the mean and standard deviation of the data set if the recipe normalises by them, and adds them to the recipe.</summary>
    /// <remarks>They are measured over the training images only, and stored in the recipe of the run, so that prediction uses the same values.</remarks>
    public static Recipe Resolve(Recipe recipe, DataSet data, JobContext context, CancellationToken cancellation = default)
    {
        if (recipe.Preparation is not { Normalization: Normalization.DataSet, Mean: null })
        {
            return recipe;
        }

        var train = DataSource.Split(data, recipe).Train;
        var found = Measure(ImageFlow.Options(recipe, RecipeModel.Build(recipe, Math.Max(1, data.Classes.Length))), train, context.Progress, cancellation);
        context.Log($"normalisation by the data set's own statistics: mean {Text(found.Mean)}, std {Text(found.Std)}");

        return recipe with { Preparation = recipe.Preparation with { Mean = Round(found.Mean), Std = Round(found.Std) } };

        static string Text(ImmutableArray<double> values) => string.Join(' ', values.Select(v => $"{v:0.0000}"));

        // Six decimals, so that training and a recipe read from YAML (whose numbers are single precision) normalise by the same numbers.
        static ImmutableArray<double> Round(ImmutableArray<double> values) => [.. values.Select(v => Math.Round(v, 6))];
    }
}
