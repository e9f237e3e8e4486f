using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The measurements of one epoch: a row of <c>metrics.csv</c>. No value depends on the clock or on whether the run was resumed; rates are in
/// <c>timing.csv</c> (<see cref="EpochTiming"/>).
/// </summary>
public sealed record EpochMetrics
{
    // In the order of the file.
    private static readonly ImmutableArray<(string Column, PropertyInfo Property)> _columns =
    [
        Column("epoch", nameof(Epoch)),
        Column("learning_rate", nameof(LearningRate)),
        Column("train_loss", nameof(TrainLoss)),
        Column("train_accuracy", nameof(TrainAccuracy)),
        Column("val_loss", nameof(ValidationLoss)),
        Column("val_accuracy", nameof(ValidationAccuracy)),
        Column("val_top5", nameof(ValidationTop5)),
        Column("val_macro_f1", nameof(ValidationMacroF1)),
        Column("ema_val_loss", nameof(AverageLoss)),
        Column("ema_val_accuracy", nameof(AverageAccuracy)),
        Column("ema_val_top5", nameof(AverageTop5)),
        Column("ema_val_macro_f1", nameof(AverageMacroF1)),
        Column("skipped_steps", nameof(SkippedSteps)),
    ];

    /// <summary>Number of the epoch, from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Mean loss over the augmented training images of all steps that were not skipped, with label smoothing; NaN if every step was skipped.</summary>
    public double TrainLoss { get; init; }

    /// <summary>Top-1 accuracy over the same images, in [0, 1]; NaN if every step was skipped.</summary>
    public double TrainAccuracy { get; init; }

    /// <summary>Mean cross-entropy over the validation images, without label smoothing, in nats.</summary>
    public double ValidationLoss { get; init; }

    /// <summary>Top-1 accuracy over the validation images, in [0, 1].</summary>
    public double ValidationAccuracy { get; init; }

    /// <summary>Top-5 accuracy (top-k with fewer than five classes), in [0, 1].</summary>
    public double ValidationTop5 { get; init; }

    /// <summary>Mean F1 over the classes, in [0, 1].</summary>
    public double ValidationMacroF1 { get; init; }

    /// <summary>Validation loss of the averaged weights; null without an average (EMA).</summary>
    public double? AverageLoss { get; init; }

    /// <summary>Top-1 accuracy of the averaged weights.</summary>
    public double? AverageAccuracy { get; init; }

    /// <summary>Top-5 accuracy of the averaged weights.</summary>
    public double? AverageTop5 { get; init; }

    /// <summary>Mean F1 of the averaged weights.</summary>
    public double? AverageMacroF1 { get; init; }

    /// <summary>Number of steps skipped so far because a loss or gradient was not finite.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>
    /// Recall of each class on the validation images, by the weights with the better result; null for a class without images. A row of
    /// <c>recall.csv</c>.
    /// </summary>
    public ImmutableArray<double?> Recall { get; init; } = [];

    /// <summary>Whether the epoch was measured on validation images; without any, the validation metrics are NaN.</summary>
    public bool IsValidated { get; init; } = true;

    /// <summary>Names of the columns of <c>metrics.csv</c>.</summary>
    public static ImmutableArray<string> Columns { get; } = [.. _columns.Select(c => c.Column)];

    /// <summary>The numbers of the row, one per column; NaN where the cell is empty.</summary>
    public double[] ToNumbers() =>
        [.. _columns.Select(c => c.Property.GetValue(this) is { } value ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : double.NaN)];

    /// <summary>Whether the averaged weights have a better result than the trained ones; a result whose loss is not finite is the worse one.</summary>
    public bool AverageIsBetter(ValidationMetric metric)
    {
        if (AverageLoss is not { } loss || AverageAccuracy is not { } accuracy)
        {
            return false;
        }

        if (!double.IsFinite(loss) || !double.IsFinite(ValidationLoss))
        {
            return double.IsFinite(loss);
        }

        return metric == ValidationMetric.Accuracy
            ? accuracy > ValidationAccuracy || (accuracy == ValidationAccuracy && loss < ValidationLoss)
            : loss < ValidationLoss;
    }

    /// <summary>Selects the loss and accuracy of the better weights: trained or averaged.</summary>
    public (double Loss, double Accuracy) Selected(ValidationMetric metric) =>
        AverageIsBetter(metric) ? (AverageLoss!.Value, AverageAccuracy!.Value) : (ValidationLoss, ValidationAccuracy);

    /// <summary>Writes the rows to a file, atomically.</summary>
    public static void Write(string path, IEnumerable<EpochMetrics> rows) => CsvFile.Write(path, csv =>
    {
        csv.Context.RegisterClassMap<Map>();
        csv.WriteRecords(rows);
    });

    /// <summary>Reads the rows of a <c>metrics.csv</c>; columns that an older version did not write get their default values.</summary>
    /// <exception cref="RefusalException">A cell is not a number of its column.</exception>
    public static ImmutableArray<EpochMetrics> Read(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { HeaderValidated = null, MissingFieldFound = null });
        csv.Context.RegisterClassMap<Map>();
        try
        {
            return [.. csv.GetRecords<EpochMetrics>()];
        }
        catch (CsvHelperException e)
        {
            var cell = e is CsvHelper.TypeConversion.TypeConverterException wrong
                ? $"has '{PrintableText.Line(wrong.Text ?? "", 40)}' in a column of numbers" : "cannot be read";
            throw new RefusalException($"Line {csv.Parser.RawRow} of {path} {cell}; expected the measurements of an epoch, as training writes them.", e);
        }
    }

    /// <summary>Writes the recall of each class in each epoch, one column per class.</summary>
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
        $"epoch {Epoch}: {TrainText}"
        + (IsValidated ? $"; validation loss {ValidationLoss:0.000}, accuracy {Percent.Text(ValidationAccuracy)}" : "")
        + (AverageAccuracy is { } average ? $"; averaged weights: loss {AverageLoss:0.000}, accuracy {Percent.Text(average)}" : "");

    private string TrainText => double.IsNaN(TrainLoss)
        ? "no train loss, since every step was skipped"
        : $"train loss {TrainLoss:0.000}, accuracy {Percent.Text(TrainAccuracy)}";

    private static (string Column, PropertyInfo Property) Column(string name, string property) => (name, typeof(EpochMetrics).GetProperty(property)!);

    private sealed class Map : ClassMap<EpochMetrics>
    {
        public Map()
        {
            foreach (var (column, property) in _columns)
            {
                Map(typeof(EpochMetrics), property).Name(column);
            }
        }
    }
}
