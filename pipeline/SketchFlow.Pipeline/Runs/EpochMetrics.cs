using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// One row of <c>metrics.csv</c>: what an epoch came to. Nothing in it depends on the clock or on a resume; rates are in
/// <c>timing.csv</c> (<see cref="EpochTiming"/>).
/// </summary>
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

    /// <summary>Mean F1 of the classes, in [0, 1].</summary>
    public double ValidationMacroF1 { get; init; }

    /// <summary>The loss of the averaged weights; null without an average (EMA).</summary>
    public double? AverageLoss { get; init; }

    /// <summary>Top-1 of the averaged weights.</summary>
    public double? AverageAccuracy { get; init; }

    /// <summary>Top-5 of the averaged weights.</summary>
    public double? AverageTop5 { get; init; }

    /// <summary>Mean F1 of the averaged weights.</summary>
    public double? AverageMacroF1 { get; init; }

    /// <summary>Steps skipped so far because a loss or gradient was not finite.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>Recall of each class on validation, by the weights that the epoch is judged by; null where no image is of the class. A row of <c>recall.csv</c>.</summary>
    public ImmutableArray<double?> Recall { get; init; } = [];

    /// <summary>The part that is drawn.</summary>
    internal CurvePoint Curve => new(Epoch, TrainLoss, ValidationLoss, TrainAccuracy, ValidationAccuracy);

    /// <summary>Whether the averaged weights are better than the trained ones; an epoch is judged by the better.</summary>
    public bool AverageIsBetter(ValidationMetric metric) => AverageLoss is { } loss && AverageAccuracy is { } accuracy && (metric == ValidationMetric.Accuracy
        ? accuracy > ValidationAccuracy || (accuracy == ValidationAccuracy && loss < ValidationLoss)
        : loss < ValidationLoss || (double.IsNaN(ValidationLoss) && !double.IsNaN(loss)));

    /// <summary>Loss and accuracy of the weights that the epoch is judged by.</summary>
    public (double Loss, double Accuracy) Judged(ValidationMetric metric) =>
        AverageIsBetter(metric) ? (AverageLoss!.Value, AverageAccuracy!.Value) : (ValidationLoss, ValidationAccuracy);

    /// <summary>Writes all rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<EpochMetrics> rows) => CsvFile.Write(path, csv =>
    {
        csv.Context.RegisterClassMap<Map>();
        csv.WriteRecords(rows);
    });

    /// <summary>Reads the rows of a <c>metrics.csv</c>; columns that an older version did not write are at their defaults.</summary>
    public static ImmutableArray<EpochMetrics> Read(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { HeaderValidated = null, MissingFieldFound = null });
        csv.Context.RegisterClassMap<Map>();
        return [.. csv.GetRecords<EpochMetrics>()];
    }

    /// <summary>Writes the recall of each class in each epoch: a column a class.</summary>
    public static void WriteRecall(string path, IReadOnlyList<string> classes, IEnumerable<EpochMetrics> rows) => CsvFile.Write(path, csv =>
    {
        csv.WriteRow(classes.Prepend("epoch"));
        foreach (var row in rows)
        {
            csv.WriteRow([row.Epoch, .. row.Recall.Select(r => (object?)r)]);
        }
    });

    /// <inheritdoc/>
    public override string ToString() =>
        $"epoch {Epoch}: train loss {TrainLoss:0.000}, accuracy {100 * TrainAccuracy:0.0} %; validation loss {ValidationLoss:0.000}, "
        + $"accuracy {100 * ValidationAccuracy:0.00} %" + (AverageAccuracy is { } average ? $", of the average {AverageLoss:0.000}, {100 * average:0.00} %" : "");

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
            Map(m => m.ValidationMacroF1).Name("val_macro_f1");
            Map(m => m.AverageLoss).Name("ema_val_loss");
            Map(m => m.AverageAccuracy).Name("ema_val_accuracy");
            Map(m => m.AverageTop5).Name("ema_val_top5");
            Map(m => m.AverageMacroF1).Name("ema_val_macro_f1");
            Map(m => m.SkippedSteps).Name("skipped_steps");
        }
    }
}
