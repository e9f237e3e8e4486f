using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Submissions;

/// <summary>Writes submissions with the columns and rows that a sample submission shows.</summary>
/// <param name="format">The format.</param>
/// <param name="set">The logits of the test rows.</param>
/// <param name="prediction">The prediction for them.</param>
internal sealed class FormattedSubmission(SubmissionFormat format, LogitsSet set, EnsemblePrediction prediction)
{
    // For each class of the format, its number in the prediction.
    private readonly ImmutableArray<int> _classes = set.ClassNames.SequenceEqual(format.Classes, StringComparer.Ordinal)
        ? [.. Enumerable.Range(0, format.Classes.Length)]
        : ClassMapping.Between(set.ClassNames, format.Classes, "the logits", format.Source, "Predict again with sketchflow predict.").Sources;

    /// <summary>Writes the file; on failure no file is left.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Sentences about rows without a prediction; empty if every row has one.</returns>
    /// <exception cref="RefusalException">The format is of other classes or test images.</exception>
    public ImmutableArray<string> Write(string path)
    {
        if (format.Rows.Any(r => r >= set.Rows))
        {
            throw new RefusalException(
                $"{path} would hold row {format.Rows.Max()} of the test images, as {format.Source} says, and there are {set.Rows}; "
                + "predict the whole test split again.");
        }

        var fields = Places();
        CsvFile.Write(
            path,
            csv =>
            {
                csv.WriteRow(format.Header);
                for (var row = 0; row < format.Rows.Length; row++)
                {
                    var cells = IsPredicted(format.Rows[row]) ? Cells(format.Rows[row]) : MissingCells();
                    csv.WriteRow(fields.Select(f => f.IsPredicted ? cells[f.Place] : format.Fields[f.Place][row]));
                }
            },
            format.Separator);
        return Notes();
    }

    private (bool IsPredicted, int Place)[] Places()
    {
        var others = 0;
        return
        [
            .. Enumerable.Range(0, format.Header.Length).Select(c => format.Predicted.IndexOf(c) is >= 0 and var place ? (true, place) : (false, others++)),
        ];
    }

    private ImmutableArray<string> Notes()
    {
        var (missing, rejected) = (format.RowsWithoutImage, format.Rows.Count(r => r >= 0 && !IsPredicted(r)));
        var unnamed = set.Rows - format.Rows.Where(r => r >= 0).Distinct().Count();
        var filling = format.Kind == SubmissionKind.Probabilities ? "equal probabilities" : $"the commonest class, {format.Labels[format.Commonest]}";
        return
        [
            .. missing + rejected == 0 ? [] : (string[])[
                $"{missing + rejected} of {format.Rows.Length} rows of {format.Source} have no image that can be read, such as "
                + $"{format.Fields.FirstOrDefault([])[FirstMissing()]}; they get {filling}."],
            .. unnamed <= missing ? [] : (string[])[$"{unnamed - missing} test images are not in {format.Source} and not in the submission."],
        ];
    }

    private int FirstMissing() => Enumerable.Range(0, format.Rows.Length).First(i => !IsPredicted(format.Rows[i]));

    // An image that every member rejected has no prediction.
    private bool IsPredicted(int row) => row >= 0 && set.Members.Any(m => string.Equals(m.Statuses[row], LogitsTable.Ok, StringComparison.Ordinal));

    private string[] Cells(int row)
    {
        var probabilities = prediction.Row(row);
        if (format.Kind == SubmissionKind.Probabilities)
        {
            var texts = new string[format.Predicted.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = Text(probabilities[_classes[format.ColumnClasses[i]]]);
            }

            return texts;
        }

        var own = _classes.IndexOf(prediction.Predictions[row]);
        if (format.Count == 1)
        {
            return [format.Labels[own]];
        }

        // A rule such as voting may choose another class than the most probable one.
        var ranked = new double[format.Classes.Length];
        for (var c = 0; c < ranked.Length; c++)
        {
            ranked[c] = c == own ? double.PositiveInfinity : probabilities[_classes[c]];
        }

        var best = Enumerable.Range(0, ranked.Length).OrderByDescending(c => ranked[c]).ThenBy(c => c).Take(format.Count);
        return [string.Join(' ', best.Select(c => format.Labels[c]))];
    }

    private string[] MissingCells() => format.Kind == SubmissionKind.Probabilities
        ? [.. Enumerable.Repeat(Text(1.0 / format.Classes.Length), format.Predicted.Length)]
        : [string.Join(' ', Enumerable.Range(0, format.Classes.Length).OrderBy(c => c != format.Commonest).Take(format.Count).Select(c => format.Labels[c]))];

    private static string Text(double probability) => probability.ToString("0.0#########", CultureInfo.InvariantCulture);
}
