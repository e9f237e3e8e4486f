using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Runs;

/// <summary>One row of <c>timing.csv</c>: what the clock said of an epoch. Kept apart from <c>metrics.csv</c>, which is the same whenever and wherever a run is repeated or resumed.</summary>
public sealed record EpochTiming
{
    /// <summary>From 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Training images a second, without validation; of an epoch that was resumed, since the resume.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Share of the training time spent waiting for data.</summary>
    public double DataWaitShare { get; init; }

    /// <summary>Seconds of training.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>Seconds of validation, on both sets of weights where there is an average.</summary>
    public double ValidationSeconds { get; init; }

    /// <summary>Writes all rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<EpochTiming> rows) => CsvFile.Write(path, rows.Select(r => new
    {
        epoch = r.Epoch,
        images_per_second = r.ImagesPerSecond,
        data_wait_share = r.DataWaitShare,
        train_seconds = r.TrainSeconds,
        val_seconds = r.ValidationSeconds,
    }));

    /// <inheritdoc/>
    public override string ToString() => $"{ImagesPerSecond:0} images/s, waiting for data {100 * DataWaitShare:0.0} %";
}
