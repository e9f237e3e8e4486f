using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>Logits tables of SketchFlow, with and without a hash.</summary>
public sealed class LogitsTableReader() : FileReader("logits-table", new ParquetParts(), "t.parquet")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var hashed = Written(folder, "a.parquet", path => SmallTable.Write(path, 40));
        // Without its key the hash is not checked, so that every change reaches the parser.
        var plain = (byte[])hashed.Clone();
        Encoding.ASCII.GetBytes("file_sha000").CopyTo(plain.AsSpan(plain.AsSpan().LastIndexOf("file_sha256"u8)));
        return [hashed, plain, plain];
    }

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        var table = LogitsReader.Read(path);
        return table.Logits.Length == table.Rows * table.Metadata.ClassNames.Length ? null : throw new InvalidOperationException("logits are missing");
    }
}
