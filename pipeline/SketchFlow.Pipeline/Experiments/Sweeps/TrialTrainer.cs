using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Trains the trials of a sweep as runs, and opens each data set once.</summary>
/// <param name="metric">Column of <c>metrics.csv</c> to report.</param>
/// <param name="recipeOf">Returns the recipe of a trial and the context of its training.</param>
/// <param name="store">Files of the sweep.</param>
/// <param name="artifacts">The output folder.</param>
public sealed class TrialTrainer(string metric, Func<Trial, (Recipe Recipe, JobContext Context)> recipeOf, SweepStore store, Artifacts artifacts)
{
    private readonly Dictionary<string, DataSet> _dataSets = new(StringComparer.Ordinal);

    /// <summary>Values of <c>--track</c>.</summary>
    public IReadOnlyList<string> Track { get; init; } = [];

    /// <summary>
    /// The run of the first trial; null for a new sweep. If an older version of the program trained it, it was split by row numbers, and later trials keep that
    /// split, so that all are measured on the same images.
    /// </summary>
    public RunFolder? First { get; init; }

    /// <summary>Receives warnings of the trackers.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <inheritdoc cref="TrainTrial"/>
    public void Train(Trial trial, Func<int, double, string?> onEpoch, CancellationToken cancellation)
    {
        var (recipe, context) = recipeOf(trial);
        if (!_dataSets.TryGetValue(recipe.Data.Path ?? "", out var data))
        {
            data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, context.Progress, recipe.Data.ToOptions());
            _dataSets[recipe.Data.Path ?? ""] = data;
        }

        recipe = recipe with { Data = recipe.Data with { Path = data.Root } };
        recipe = First is null ? recipe : RecipeCompatibility.KeepSplit(First, recipe);
        var (folder, observer) = (store.RunOf(trial), new MetricObserver(metric, onEpoch));
        // A run of that name may be another one, with other settings.
        _ = RunReservation.Reserve(folder, recipe, resume: true, overwrite: false);
        using var trackers = Trackers.Create([.. Track], Warn);
        try
        {
            // An interrupted trial resumes; a complete one is only read.
            context = context with { Observers = [.. trackers.Observers, observer] };
            var report = new ResumableTraining(data, context with { EpochsAfter = null }).Run(recipe, folder, resume: true, cancellation);
            if (report.WasComplete)
            {
                observer.Report(report.Epochs);
            }
        }
        finally
        {
            // Frees what the trial left to finalizers before the next one needs memory.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
