using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
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
    /// <exception cref="RefusalException">The folder does not exist or is not a data set.</exception>
    public static DataSet Open(string? path, Artifacts artifacts, int workers, ProgressBarFactory progress)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        if (path is not null)
        {
            return new DataSetNames(artifacts).Resolve(DataSetReader.Read(path));
        }

        var folder = Path.Combine(artifacts.Data, "doodles");
        DrawDoodles(new DoodlesOptions { Workers = workers }, folder, progress);
        return new DataSetNames(artifacts).Resolve(DataSetReader.Read(folder));
    }

    /// <summary>Draws the doodles into <paramref name="folder"/> unless they are already there.</summary>
    public static void DrawDoodles(DoodlesOptions options, string folder, ProgressBarFactory progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        IProgressBar? bar = null;
        try
        {
            DoodleGenerator.Write(options, folder, (done, total) => (bar ??= progress("doodles", total, "images")).Report(done));
        }
        finally
        {
            bar?.Dispose();
        }
    }

    /// <summary>Splits a data set as a recipe describes: by one fold, by the data set's own split, or by a stratified split.</summary>
    /// <exception cref="RefusalException">The recipe has folds but selects none, or there are too few images.</exception>
    public static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) Split(DataSet data, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recipe);
        var seed = recipe.Data.SplitSeed ?? recipe.Seed;
        if (recipe.Data.Folds == 0)
        {
            return Split(data, recipe.Data.Validation, seed);
        }

        var fold = recipe.Data.Fold
            ?? throw new RefusalException($"The recipe has {recipe.Data.Folds} folds but selects none; set data.fold to 0 to {recipe.Data.Folds - 1}.");
        var split = Folds.Stratified(data.Train, recipe.Data.Folds, seed)[fold];
        return (split.Train, split.Validation);
    }

    /// <summary>Splits a data set by its own split or, if it has none, by a stratified split.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="fraction">Fraction of each class that is held out if the data set has no split of its own.</param>
    /// <param name="seed">Seed of the stratified split.</param>
    public static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) Split(DataSet data, double fraction, long seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Validation.Length > 0)
        {
            return (data.Train, data.Validation);
        }

        var split = TrainValidationSplit.Stratified(data.Train, fraction, seed);
        return (split.Train, split.Validation);
    }
}
