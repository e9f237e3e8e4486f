using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Export;

/// <summary>The programs that are written next to an exported model: each prepares images by the model's metadata and names their classes.</summary>
internal static class ExportScripts
{
    // Every version of the scripts has these words; a file without them is the user's own.
    private const string Mark = "with a model that `sketchflow export` wrote";

    /// <summary>Names of the scripts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["predict.py", "Predict.cs"];

    /// <summary>Writes the scripts into a folder.</summary>
    /// <param name="folder">The folder of the exported model.</param>
    /// <returns>Names of files that were kept because they are not from SketchFlow.</returns>
    public static IReadOnlyList<string> Write(string folder)
    {
        var kept = new List<string>();
        foreach (var name in Names)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path) && !File.ReadAllText(path).Contains(Mark, StringComparison.Ordinal))
            {
                kept.Add(name);
                continue;
            }

            WholeFile.WriteText(path, Read(name));
        }

        return kept;
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(ExportScripts).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
