using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Writes the list of the inputs that a command rejected, such as <c>rejected.csv</c>.</summary>
public static class RejectionStore
{
    /// <summary>Writes one row per rejected input. Without any, deletes the file that an earlier command left.</summary>
    /// <param name="file">The CSV file.</param>
    /// <param name="rejected">The rejected inputs.</param>
    public static void Write(string file, IReadOnlyCollection<Rejected> rejected)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        if (rejected.Count > 0)
        {
            CsvFile.Write(file, rejected.Select(r => new { id = r.Id, image_path = r.Path, reason = r.Reason }));
        }
        else if (File.Exists(file))
        {
            File.Delete(file);
        }
    }
}
