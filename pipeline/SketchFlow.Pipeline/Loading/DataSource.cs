using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Loading;

/// <summary>The images of a run: a folder of the user's, or the built-in doodles.</summary>
public static class DataSource
{
    /// <summary>Opens the data set; without a path, draws the doodles once and opens them.</summary>
    /// <param name="path">A folder in one of the layouts, or null.</param>
    /// <param name="artifacts">Where doodles are kept.</param>
    /// <param name="workers">Threads that draw.</param>
    /// <exception cref="RefusalException">The folder is missing, or is no data set.</exception>
    public static DataSet Open(string? path, Artifacts artifacts, int workers)
    {
        if (path is not null)
        {
            return DataSets.Open(path);
        }

        var folder = Path.Combine(artifacts.Data, "doodles");
        Doodles(new DoodlesOptions { Workers = workers }, folder);
        return DataSets.Open(folder);
    }

    /// <summary>Draws the doodles into <paramref name="folder"/> unless they are there already.</summary>
    public static void Doodles(DoodlesOptions options, string folder)
    {
        Progress? bar = null;
        try
        {
            SketchFlow.Imaging.Doodles.DoodleGenerator.Write(options, folder, (done, total) => (bar ??= Progress.Open("doodles", total, "images")).Report(done));
        }
        finally
        {
            bar?.Dispose();
        }
    }

    /// <summary>The training and validation rows of a run: one fold's, the data set's own, or a stratified split.</summary>
    /// <exception cref="RefusalException">The recipe has folds and names none, or there are too few images.</exception>
    public static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) Split(DataSet data, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recipe);
        var seed = recipe.Data.SplitSeed ?? recipe.Seed;
        if (recipe.Data.Folds == 0)
        {
            return Split(data, recipe.Data.Validation, seed);
        }

        var fold = recipe.Data.Fold ?? throw new RefusalException($"The recipe has {recipe.Data.Folds} folds and names none of them; add data.fold, 0 to {recipe.Data.Folds - 1}.");
        var split = Folds.Stratified(data.Train, recipe.Data.Folds, seed)[fold];
        return (split.Train, split.Validation);
    }

    /// <summary>The training and validation rows: the data set's own, or a stratified split.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="fraction">Share of each class held out where there is no split.</param>
    /// <param name="seed">Seed of the split.</param>
    public static (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) Split(DataSet data, double fraction, long seed)
    {
        if (data.Validation.Length > 0)
        {
            return (data.Train, data.Validation);
        }

        var split = SketchFlow.Data.Datasets.Split.Stratified(data.Train, fraction, seed);
        return (split.Train, split.Validation);
    }
}
