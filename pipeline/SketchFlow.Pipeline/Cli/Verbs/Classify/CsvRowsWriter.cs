using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>Writes one row per image and class under <see cref="Columns"/>; a rejected image has a single row, with an error instead of a class.</summary>
/// <param name="output">Receives the rows.</param>
internal sealed class CsvRowsWriter(TextWriter output) : IClassificationWriter
{
    private bool _hasHeader;

    /// <summary>Names of the columns.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["file", "rank", "class", "index", "probability", "error"];

    /// <inheritdoc/>
    public void Write(ClassifiedImage image)
    {
        object?[][] rows = image.Error is { } error
            ? [[image.Name, null, null, null, null, error]]
            : [.. image.Top.Select((c, i) => (object?[])[image.Name, i + 1, c.Class.Name, c.Index, c.Probability, null])];
        output.Write(CsvFile.Text(csv =>
        {
            if (!_hasHeader)
            {
                csv.WriteRow(Columns);
                _hasHeader = true;
            }

            Array.ForEach(rows, row => csv.WriteRow(row));
        }));
    }
}
