using SketchFlow.Fuzz.Formats;
using SketchFlow.Scoring.Tables.Import;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>Tables of other tools.</summary>
/// <param name="name">Name of the reader.</param>
/// <param name="format">The structure of the files.</param>
/// <param name="ending">Ending of the files.</param>
public abstract class ImportReader(string name, InputFormat format, string ending) : FileReader(name, format, "t" + ending)
{
    /// <summary>Number of rows.</summary>
    protected const int Rows = 6;

    private static readonly ImportedRows _rows = new(
        [.. SmallTable.Classes], [.. Enumerable.Range(0, Rows).Select(r => (long)r)], [.. Enumerable.Range(0, Rows).Select(SmallTable.Image)],
        [.. Enumerable.Range(0, Rows).Select(r => (int?)(r % 3))]);

    /// <inheritdoc/>
    protected sealed override string? ReadFile(string path, string folder)
    {
        var options = new ImportOptions { Values = ending == ".parquet" ? ImportedValues.AsNamed : ImportedValues.Logits };
        if (ending == ".npy")
        {
            var ids = Path.Combine(folder, "ids.txt");
            File.WriteAllLines(ids, _rows.ImagePaths);
            options = options with { IdFile = ids, ClassNames = SmallTable.Classes };
        }
        else if (ending == ".parquet")
        {
            options = options with { ClassNames = SmallTable.Classes };
        }

        ImportedTables.Read(path, _rows, SmallTable.Metadata, options);
        return null;
    }
}
