using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables;

/// <summary>Submission file of the competition: <c>ID,image_path,target</c>, one row for every test row, in order.</summary>
/// <remarks>The ID is the one that <c>test.csv</c> gives to the image, or else the row number.</remarks>
public static class Submission
{
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

        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i] != i)
            {
                throw new RefusalException($"{path} would hold id {ids[i]} in row {i}, expected {i}; predict the whole test split.");
            }

            if (targets[i] < 0)
            {
                throw new RefusalException($"{path} would hold target {targets[i]} for {imagePaths[i]}, expected 0 or more; predict that row again.");
            }
        }

        string Id(int row) => submissionIds is { Count: > 0 } own ? own[row] : ids[row].ToString(CultureInfo.InvariantCulture);
        CsvFile.Write(path, Enumerable.Range(0, ids.Count).Select(i => new { ID = Id(i), image_path = imagePaths[i], target = targets[i] }));
    }
}
