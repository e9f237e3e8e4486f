using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The manifest of files that were set aside, by which the next command moves and deletes files.</summary>
public sealed class ReplacementReader() : FileReader("replaced-json", new JsonParts(), Path.Combine("artifacts", "runs", ".replaced", "a", "replaced.json"))
{
    private const string Others = "others";

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """{"title": "the run a", "moved": ["runs/a", "logits/d/val/a.parquet"], "new": [], "locks": ["runs/.locks/a.lock"]}"""u8.ToArray(),
        """{"title": "the sweep s", "moved": ["sweeps/s", "runs/s-001"], "new": ["runs/s-002", "runs/s-003"], "locks": ["sweeps/.locks/s.lock"]}"""u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        var (artifacts, others) = (Path.Combine(folder, "artifacts"), Path.Combine(folder, Others));
        foreach (var file in (string[])[Path.Combine(others, "file"), Path.Combine(Path.GetDirectoryName(path)!, "runs", "a", "recipe.yaml")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "x");
        }

        var said = new StringBuilder();
        Replacement.RestoreAbandoned(new Artifacts(artifacts), line => said.AppendLine(line));
        return !File.Exists(Path.Combine(others, "file")) || Directory.GetFileSystemEntries(folder).Length != 2
            ? throw new InvalidOperationException("A file outside the folder of all output was changed.")
            : said.ToString() is var text && text.Contains("as it was before", StringComparison.Ordinal) ? null : text;
    }
}
