using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>The tables <c>train.csv</c> and <c>test.csv</c> of a data set; both have the bytes of the input.</summary>
public sealed class DataTableReader() : FileReader("data-csv", new TextParts(), "train.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "class_name,image_path,target\ncat,train/a.png,0\ndog,train/b.png,1\ncat,c.png,0\n"u8.ToArray(),
        "\uFEFFid,image_path,target,class_name\r\n7,\"a,b.png\",1,\"dog \"\"x\"\"\"\r\n8,b.png,0,cat\r\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "train"));
        Directory.CreateDirectory(Path.Combine(folder, "test"));
        File.Copy(path, Path.Combine(folder, "test.csv"));
        DataSetReader.Read(folder);
        return null;
    }
}
