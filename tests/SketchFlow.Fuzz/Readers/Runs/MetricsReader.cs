using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The table <c>metrics.csv</c> of a run, as observers, tables of runs and folds read it.</summary>
public sealed class MetricsReader() : FileReader("metrics-csv", new TextParts(), "metrics.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
        [Written(folder, "m.csv", path => EpochMetrics.Write(path, [new EpochMetrics { Epoch = 1, ValidationLoss = 0.5 }, new EpochMetrics { Epoch = 2 }]))];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        MetricsTable.ReadRun(new RunFolder(folder));
        EpochMetrics.Read(path);
        return null;
    }
}
