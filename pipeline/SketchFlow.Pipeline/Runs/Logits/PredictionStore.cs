using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Writes logits tables and submissions to the folder of all output. Every file is complete or absent.</summary>
/// <param name="artifacts">The folder of all output.</param>
public sealed class PredictionStore(Artifacts artifacts)
{
    /// <summary>Gets the file of a table, <c>logits/DATASET/SPLIT/RUN[.fold-K][+tta].parquet</c>.</summary>
    public string PathOf(LogitsMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.PathBelow(artifacts.Logits);
    }

    /// <summary>Gets the file of one view of test-time augmentation: in <c>views/RUN/</c> next to the table, where ensembles do not look for members.</summary>
    /// <param name="metadata">The metadata of the table.</param>
    /// <param name="view">Name of the view.</param>
    public string PathOfView(LogitsMetadata metadata, string view)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return Path.Combine(Path.GetDirectoryName(PathOf(metadata))!, "views", (metadata with { Tta = "none" }).Name, $"{view}.parquet");
    }

    /// <summary>Writes a table to its <see cref="LogitsTable.Source"/>, in the order of its rows.</summary>
    /// <exception cref="RefusalException">A logit is not finite, or the file could not be read back.</exception>
    public static void Write(LogitsTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var writer = new LogitsWriter(table.Source, table.Metadata);
        for (var row = 0; row < table.Rows; row++)
        {
            if (string.Equals(table.Statuses[row], LogitsTable.Ok, StringComparison.Ordinal))
            {
                writer.Append(table.Ids[row], table.ImagePaths[row], table.Targets[row], table.Row(row));
            }
            else
            {
                writer.Append(new Rejected(table.Ids[row], table.ImagePaths[row], table.Statuses[row]), table.Targets[row]);
            }
        }

        writer.Complete();
    }

    /// <summary>Writes the submission of a run from its test logits, averaged over its folds: <c>submissions/DATASET/RUN[+tta].csv</c>.</summary>
    /// <param name="tables">The test tables of the run: one, or one per fold.</param>
    /// <param name="data">The data set.</param>
    /// <returns>The file, and sentences about rows without a prediction.</returns>
    /// <exception cref="RefusalException">The tables are not of one run, or have other rows than the test images.</exception>
    public (string Path, ImmutableArray<string> Notes) WriteSubmission(IReadOnlyList<LogitsTable> tables, DataSet data)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(data);
        // A table has its rows in the order in which they were predicted; a set has them in the order of their ids.
        var rows = LogitsSet.Join([tables is [{ Metadata.Fold: null }] ? tables[0] : FoldTables.Mean(tables)]);
        var path = artifacts.Submission(data.Name, tables[0].Metadata.Member);
        var prediction = Combine.SoftVote(rows);
        if (data.Submission is { Kind: not SubmissionKind.Label })
        {
            // The classes are those of the mean logits; probabilities are the mean of what each fold's own temperature calibrates.
            var folds = LogitsSet.Join(tables);
            double[] temperatures = [.. folds.Members.Select(m => m.Metadata.Temperature ?? 1)];
            prediction = prediction with { Probabilities = Combine.SoftVote(folds, null, temperatures).Probabilities };
        }

        return (path, Submission.Write(path, rows, prediction, data.Test.Length, SubmissionIds(data.Test), data.Submission));
    }

    /// <summary>Returns the ids that <c>test.csv</c> gives to its images; empty where it gives none, or these are the row numbers.</summary>
    /// <param name="test">The test rows.</param>
    public static ImmutableArray<string> SubmissionIds(IReadOnlyList<Sample> test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test.All(s => s.SubmissionId is not null) && test.Any(s => s.SubmissionId != s.Id.ToString(CultureInfo.InvariantCulture))
            ? [.. test.Select(s => s.SubmissionId!)]
            : [];
    }
}
