using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Tracking;

/// <summary>The files of a run without training: a recipe, and metrics that grow epoch by epoch.</summary>
internal sealed class FakeRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<EpochMetrics> _rows = [];

    public FakeRun(string name = "one", Recipe? recipe = null)
    {
        Recipe = recipe ?? new Recipe();
        Folder = Artifacts.Run(name);
        WholeFile.WriteText(Folder.Recipe, RecipeFile.Write(Recipe));
    }

    public Artifacts Artifacts => new(_folder.Root);

    public Recipe Recipe { get; }

    public RunFolder Folder { get; }

    public RunStart Start()
    {
        var data = new DataSet { Name = "few", Root = _folder.Root, Layout = DataSetLayout.Folders, Classes = ["a", "b"], Train = [] };
        return new RunStart(Folder, Recipe, data, 10) { Rows = [.. _rows], Timings = [.. _rows.Select(Timing)] };
    }

    /// <summary>Appends an epoch to metrics.csv and notifies the observer.</summary>
    public string? Epoch(IRunObserver? observer, double accuracy)
    {
        var row = new EpochMetrics { Epoch = _rows.Count + 1, LearningRate = 0.1, ValidationAccuracy = accuracy, ValidationLoss = 1 - accuracy, TrainLoss = 2 };
        _rows.Add(row);
        EpochMetrics.Write(Folder.Metrics, _rows);
        EpochTiming.Write(Folder.Timing, _rows.Select(Timing));
        return observer?.Epoch(new EpochResult(row, Timing(row), IsBest: true));
    }

    private static EpochTiming Timing(EpochMetrics row) => new() { Epoch = row.Epoch, ImagesPerSecond = 7 };

    public void Dispose() => _folder.Dispose();
}
