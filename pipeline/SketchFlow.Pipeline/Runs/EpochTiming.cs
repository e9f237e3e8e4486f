using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The times and rates of one epoch: a row of <c>timing.csv</c>. It is separate from <c>metrics.csv</c>, which has the same content whenever and wherever
/// a run is repeated or resumed.
/// </summary>
public sealed record EpochTiming
{
    /// <summary>Number of the epoch, from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Training images per second, without validation; for a resumed epoch, since the resume.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Share of the training time spent waiting for data.</summary>
    public double DataWaitShare { get; init; }

    /// <summary>Seconds of training.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>Seconds of validation, of both sets of weights where there is an average.</summary>
    public double ValidationSeconds { get; init; }

    /// <summary>Names of the columns of <c>timing.csv</c>.</summary>
    public static ImmutableArray<string> Columns { get; } = ["epoch", "images_per_second", "data_wait_share", "train_seconds", "val_seconds"];

    /// <summary>The numbers of the row, one per column.</summary>
    public double[] ToNumbers() => [Epoch, ImagesPerSecond, DataWaitShare, TrainSeconds, ValidationSeconds];

    /// <summary>Writes the rows to a file, atomically.</summary>
    public static void Write(string path, IEnumerable<EpochTiming> rows) => CsvFile.Write(path, rows.Select(r => new
    {
        epoch = r.Epoch,
        images_per_second = r.ImagesPerSecond,
        data_wait_share = r.DataWaitShare,
        train_seconds = r.TrainSeconds,
        val_seconds = r.ValidationSeconds,
    }));

    /// <inheritdoc/>
    public override string ToString() => $"{ImagesPerSecond:0} images/s, data wait {Percent.Text(DataWaitShare)}";
}
