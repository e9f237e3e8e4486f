using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>Looks for validation images that are copies of training images, on which the accuracy is higher than on new images.</summary>
/// <remarks>
/// The images are those that the network sees, decoded into the cache of the training, so that the first epoch need not decode them. Sets of more than
/// 100,000 images are not searched: their fingerprints would take memory and their decoding minutes.
/// </remarks>
public static class TwinCheck
{
    private const int MaxImages = 100_000;

    /// <summary>Finds the validation images with a copy among the training images.</summary>
    /// <param name="setup">Split and cache of the training.</param>
    /// <param name="recipe">Recipe of the training.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>A sentence; null where there is no such image, or the recipe does not ask for the search.</returns>
    public static string? FindWarning(TrainingSetup setup, Recipe recipe, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(recipe);
        var all = setup.Train.Count + setup.Validation.Count;
        if (!recipe.Data.CheckTwins || all > MaxImages)
        {
            return null;
        }

        var options = ImageFlow.Options(recipe, setup.Architecture) with { Cache = setup.Cache };
        var exact = options.Decode;
        var reduced = ImageFlow.DecodeFor(recipe, setup.Architecture, exact: false);
        var validation = setup.Validation.ToHashSet(ReferenceEqualityComparer.Instance);
        var (samples, twins) = TwinSearch.Run(
            ImageFlow.Cached(options, [.. setup.Train, .. setup.Validation], sample => validation.Contains(sample) ? exact : reduced),
            options.Workers,
            cancellation);
        var pairs = twins.Select(t => (t.Kind, First: samples[t.First], Second: samples[t.Second]))
            .Select(t => validation.Contains(t.First) ? (t.Kind, Train: t.Second, Validation: t.First) : (t.Kind, Train: t.First, Validation: t.Second))
            .Where(t => validation.Contains(t.Validation) && !validation.Contains(t.Train))
            .DistinctBy(t => t.Validation.Id).ToList();
        return pairs.Count == 0 ? null : Describe(pairs, setup.Validation.Count, recipe);
    }

    private static string Describe(List<(TwinKind Kind, Sample Train, Sample Validation)> pairs, int images, Recipe recipe)
    {
        var kinds = string.Join(", ", pairs.CountBy(p => p.Kind).OrderBy(k => k.Key).Select(k => string.Create(
            CultureInfo.InvariantCulture, $"{k.Value} {k.Key.ToString().ToLowerInvariant()}")));
        var first = pairs.OrderBy(p => p.Validation.Id).First();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{pairs.Count} of {images} validation images {(pairs.Count == 1 ? "is a copy of a training image" : "are copies of training images")} ({kinds}), "
            + $"such as {first.Validation.ImagePath}, a copy of "
            + $"{first.Train.ImagePath}; the accuracy on new images will be lower than the one measured here. ")
            + (recipe.Data.Group is { Twins: true } ? "Remove the copies from the data set." : "Keep copies on one side with --set data.group=twins.");
    }
}
