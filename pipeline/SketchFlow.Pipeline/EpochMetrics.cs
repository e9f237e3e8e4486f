using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Insight;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline;

/// <summary>One row of <c>metrics.csv</c>.</summary>
public sealed record EpochMetrics
{
    /// <summary>From 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Mean loss over the training images as augmented, with label smoothing.</summary>
    public double TrainLoss { get; init; }

    /// <summary>Top-1 over the same, in [0, 1].</summary>
    public double TrainAccuracy { get; init; }

    /// <summary>Mean cross entropy over the validation images, without smoothing, in nats.</summary>
    public double ValidationLoss { get; init; }

    /// <summary>Top-1 over the validation images, in [0, 1].</summary>
    public double ValidationAccuracy { get; init; }

    /// <summary>Top-5 (or fewer, where there are fewer classes), in [0, 1].</summary>
    public double ValidationTop5 { get; init; }

    /// <summary>Training images a second, without validation.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Share of the training time spent waiting for data.</summary>
    public double DataWaitShare { get; init; }

    /// <summary>Steps skipped so far because a loss or gradient was not finite.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>The part that is drawn.</summary>
    internal CurvePoint Curve => new(Epoch, TrainLoss, ValidationLoss, TrainAccuracy, ValidationAccuracy);

    /// <summary>Writes all rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<EpochMetrics> rows) => WholeFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        using var csv = new CsvWriter(writer, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        csv.Context.RegisterClassMap<Map>();
        csv.WriteRecords(rows);
    });

    /// <inheritdoc/>
    public override string ToString() =>
        $"epoch {Epoch}: train loss {TrainLoss:0.000}, accuracy {100 * TrainAccuracy:0.0} %; validation loss {ValidationLoss:0.000}, "
        + $"accuracy {100 * ValidationAccuracy:0.00} %; {ImagesPerSecond:0} images/s, waiting for data {100 * DataWaitShare:0.0} %";

    private sealed class Map : ClassMap<EpochMetrics>
    {
        public Map()
        {
            Map(m => m.Epoch).Name("epoch");
            Map(m => m.LearningRate).Name("learning_rate");
            Map(m => m.TrainLoss).Name("train_loss");
            Map(m => m.TrainAccuracy).Name("train_accuracy");
            Map(m => m.ValidationLoss).Name("val_loss");
            Map(m => m.ValidationAccuracy).Name("val_accuracy");
            Map(m => m.ValidationTop5).Name("val_top5");
            Map(m => m.ImagesPerSecond).Name("images_per_second");
            Map(m => m.DataWaitShare).Name("data_wait_share");
            Map(m => m.SkippedSteps).Name("skipped_steps");
        }
    }
}
