using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The table <c>rows.csv</c> of a run.</summary>
public sealed class RowsReader() : FileReader("rows-csv", new TextParts(), "rows.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
        ["split,table,id,image_path,class_name\ntrain,train,0,a.png,cat\nval,train,1,b.png,dog\n"u8.ToArray()];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder) => RunSplit.Read(new RunFolder(folder)) is null ? "no rows" : null;
}
