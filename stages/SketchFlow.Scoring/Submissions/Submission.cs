using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Submissions;

/// <summary>
/// Submission file of the competition: as its sample submission shows, or else <c>ID,image_path,target</c>, one row for every test row, in order.
/// </summary>
/// <remarks>The ID is the one that <c>test.csv</c> gives to the image, or else the row number.</remarks>
public static class Submission
{
    /// <summary>Writes the submission of a prediction in the format that the tables carry; on failure no file is left.</summary>
    /// <param name="path">Usually <c>artifacts/submissions/NAME.csv</c>.</param>
    /// <param name="set">Logits of the test rows.</param>
    /// <param name="prediction">The prediction for them.</param>
    /// <param name="expectedRows">Number of test rows.</param>
    /// <returns>Sentences about rows without a prediction; empty if every row has one.</returns>
    /// <exception cref="RefusalException">A test row is missing, repeated or out of order, or the format is of other rows; nothing is written.</exception>
    public static ImmutableArray<string> Write(string path, LogitsSet set, EnsemblePrediction prediction, int expectedRows)
    {
        var format = FormatOf(set);
        var fault = format is null ? set.Members.Select(m => m.Metadata.FormatFault).FirstOrDefault(f => f is not null) : null;
        return
        [
            .. fault is null ? [] : (string[])[$"{fault} The submission has the columns ID,image_path,target instead; correct the sample, and predict again."],
            .. Write(path, set, prediction, expectedRows, IdsOf(set), format),
        ];
    }

    /// <summary>Writes the submission of a prediction in a given format; on failure no file is left.</summary>
    /// <inheritdoc cref="Write(string, LogitsSet, EnsemblePrediction, int)"/>
    /// <param name="path">Usually <c>artifacts/submissions/NAME.csv</c>.</param>
    /// <param name="set">Logits of the test rows.</param>
    /// <param name="prediction">The prediction for them.</param>
    /// <param name="expectedRows">Number of test rows.</param>
    /// <param name="ids">Ids of the test images; empty for the row numbers.</param>
    /// <param name="format">The format; null is <c>ID,image_path,target</c>.</param>
    public static ImmutableArray<string> Write(
        string path, LogitsSet set, EnsemblePrediction prediction, int expectedRows, ImmutableArray<string> ids, SubmissionFormat? format)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(prediction);
        if (format is null)
        {
            Write(path, set.Ids, set.ImagePaths, prediction.Predictions, expectedRows, ids);
            return [];
        }

        CheckRows(path, set.Ids, expectedRows);
        return new FormattedSubmission(format, set, prediction).Write(path);
    }

    /// <summary>Returns the format that tables of test rows carry: of several that of the newest file; null for the usual one.</summary>
    public static SubmissionFormat? FormatOf(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Members.Select(m => (m.Metadata.Format, m.Source)).Where(m => m.Format is not null)
            .OrderByDescending(m => m.Source.Split(" + ").Max(File.GetLastWriteTimeUtc)).Select(m => m.Format).FirstOrDefault();
    }

    /// <summary>Returns the ids of submissions that tables of test rows carry; empty where these are the row numbers.</summary>
    public static ImmutableArray<string> IdsOf(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Members.Select(m => m.Metadata.SubmissionIds).FirstOrDefault(ids => !ids.IsDefaultOrEmpty, []);
    }

    /// <summary>Writes a submission; on failure no file is left.</summary>
    /// <param name="path">Usually <c>artifacts/submissions/NAME.csv</c>.</param>
    /// <param name="ids">0, 1, 2, …: the row numbers of <c>test.csv</c>, ascending.</param>
    /// <param name="imagePaths">The <c>image_path</c> of each row.</param>
    /// <param name="targets">The predicted class number of each row.</param>
    /// <param name="expectedRows">Rows of <c>test.csv</c>.</param>
    /// <param name="submissionIds">Ids that <c>test.csv</c> gives to the images, in order; null or empty for the row numbers.</param>
    /// <exception cref="RefusalException">A test row is missing, repeated or out of order, or the columns differ in length; nothing is written.</exception>
    // Six parameters: the columns of the file, its path and the number that is checked.
    public static void Write(
        string path, IReadOnlyList<long> ids, IReadOnlyList<string> imagePaths, IReadOnlyList<int> targets, int expectedRows,
        IReadOnlyList<string>? submissionIds = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(imagePaths);
        ArgumentNullException.ThrowIfNull(targets);
        if (ids.Count != expectedRows || imagePaths.Count != expectedRows || targets.Count != expectedRows)
        {
            throw new RefusalException(
                $"{path} would hold {ids.Count} ids, {imagePaths.Count} paths and {targets.Count} predictions, expected {expectedRows} test rows of each; "
                + "predict the whole test split.");
        }

        if (submissionIds is { Count: > 0 } && submissionIds.Count != expectedRows)
        {
            throw new RefusalException(
                $"{path} would hold {expectedRows} rows, and the tables have {submissionIds.Count} ids of test.csv, expected one per row; predict again.");
        }

        CheckRows(path, ids, expectedRows);
        for (var i = 0; i < ids.Count; i++)
        {
            if (targets[i] < 0)
            {
                throw new RefusalException($"{path} would hold target {targets[i]} for {imagePaths[i]}, expected 0 or more; predict that row again.");
            }
        }

        string Id(int row) => submissionIds is { Count: > 0 } own ? own[row] : ids[row].ToString(CultureInfo.InvariantCulture);
        CsvFile.Write(path, Enumerable.Range(0, ids.Count).Select(i => new { ID = Id(i), image_path = imagePaths[i], target = targets[i] }));
    }

    private static void CheckRows(string path, IReadOnlyList<long> ids, int expectedRows)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i] != i)
            {
                throw new RefusalException($"{path} would hold id {ids[i]} in row {i}, expected {i}; predict the whole test split.");
            }
        }

        if (ids.Count != expectedRows)
        {
            throw new RefusalException($"{path} would hold {ids.Count} predictions, expected {expectedRows} test rows; predict the whole test split.");
        }
    }
}
