using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Opens the data set of a run, the user's or the built-in doodles, and splits it for training and validation.</summary>
public static class DataSource
{
    /// <summary>Opens a data set; without a path, draws the doodles if necessary and opens them.</summary>
    /// <param name="path">A folder in one of the supported layouts; null for the doodles.</param>
    /// <param name="artifacts">The folder of all output, which holds the doodles.</param>
    /// <param name="workers">Number of threads that draw.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="options">Options of its tables; those that are null are the ones that they were read with before.</param>
    /// <exception cref="RefusalException">The folder does not exist or is not a data set.</exception>
    public static DataSet Open(string? path, Artifacts artifacts, int workers, ProgressBarFactory progress, DataSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var names = new DataSetNames(artifacts);
        if (path is not null)
        {
            return names.Resolve(names.Read(path, options), options);
        }

        var folder = Path.Combine(artifacts.Data, "doodles");
        DrawDoodles(new DoodlesOptions { Workers = workers }, folder, progress);
        return names.Resolve(DataSetReader.Read(folder));
    }

    /// <summary>Draws the doodles into <paramref name="folder"/> unless they are already there.</summary>
    /// <param name="options">Number of classes and drawings, and the seed.</param>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops between two images and deletes the partial set.</param>
    public static void DrawDoodles(DoodlesOptions options, string folder, ProgressBarFactory progress, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(progress);
        IProgressBar? bar = null;
        try
        {
            DoodleGenerator.Write(options, folder, (done, total) => (bar ??= progress("doodles", total, "images")).Report(done), cancellation);
        }
        finally
        {
            bar?.Dispose();
        }
    }

    /// <summary>Splits a data set as a recipe describes: by one fold, by the data set's own split, or by a share of each class.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="log">Receives lines about the groups that the split keeps together, and about an unexpected share; null for none.</param>
    /// <exception cref="RefusalException">The recipe has folds but selects none, there are too few images, or the groups cannot be found.</exception>
    public static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) Split(DataSet data, Recipe recipe, Action<string>? log = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recipe);
        var (options, seed) = (recipe.Data, recipe.Data.SplitSeed ?? recipe.Seed);
        if (options is { Folds: 0, Validation: 0 })
        {
            // Row numbers tell images apart, so those of the second table continue those of the first.
            return ([.. data.Train, .. data.Validation.Select(s => s with { Id = s.Id + data.Train.Length })], []);
        }

        if (options.Folds == 0 && data.Validation.Length > 0)
        {
            return KeepLabelled(data.Train, data.Validation, data.Train.Length);
        }

        if (options is { Folds: > 0, Fold: null })
        {
            throw new RefusalException($"The recipe has {options.Folds} folds but selects none; set data.fold to 0 to {options.Folds - 1}.");
        }

        var groups = GroupedData.Find(data, recipe, log);
        var split = options.Fold is { } fold
            ? options.SplitMethod == SplitMethod.Rows
                ? Folds.Stratified(data.Train, options.Folds, seed)[fold]
                : HashFolds.Split(data.Train, options.Folds, seed, groups)[fold]
            : options.SplitMethod == SplitMethod.Rows
                ? TrainValidationSplit.Stratified(data.Train, options.Validation, seed)
                : HashSplit.Split(data.Train, options.Validation, seed, groups);
        LogShare(split, options, log);
        // Runs of older versions keep the rows of their split.
        return options.SplitMethod == SplitMethod.Rows ? (split.Train, split.Validation) : KeepLabelled(split.Train, split.Validation, 0);
    }

    /// <summary>Moves validation rows without a label, which no accuracy can count, to the training rows, among which they are rejected and listed.</summary>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows.</param>
    /// <param name="firstId">Added to the ids of moved rows, which may be of another table.</param>
    private static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) KeepLabelled(
        IReadOnlyList<Sample> train, IReadOnlyList<Sample> validation, int firstId)
    {
        var unlabelled = validation.Where(s => s.Target is null).Select(s => s with { Id = s.Id + firstId, Fault = s.Fault ?? "no label" }).ToList();
        return unlabelled.Count == 0 ? (train, validation) : ([.. train, .. unlabelled], [.. validation.Where(s => s.Target is not null)]);
    }

    // Small classes make the share inexact, and with groups some of them have no validation image.
    private static void LogShare(TrainValidationSplit split, DataRecipe options, Action<string>? log)
    {
        if (log is null || options is not { Fold: null, SplitMethod: SplitMethod.Hash })
        {
            return;
        }

        var share = split.Validation.Length / (double)Math.Max(1, split.Train.Length + split.Validation.Length);
        var units = options.Group is null ? "images" : "groups";
        if (Math.Abs(share - options.Validation) > 0.05)
        {
            log(string.Create(
                CultureInfo.InvariantCulture,
                $"split: {Percent.Text(share)} of the images are for validation, where data.validation is {Percent.Text(options.Validation)}: "
                + $"classes have few {units}"));
        }

        int[] trained = [.. split.Train.Select(s => s.Target).OfType<int>().Distinct()];
        if (trained.Except(split.Validation.Select(s => s.Target).OfType<int>()).Count() is > 0 and var unmeasured)
        {
            log(string.Create(
                CultureInfo.InvariantCulture,
                $"split: {unmeasured} of {trained.Length} classes have no validation image, since they have few {units}"));
        }
    }
}
