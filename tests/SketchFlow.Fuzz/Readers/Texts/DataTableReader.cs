using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>The tables <c>train.csv</c>, <c>test.csv</c> and <c>sample_submission.csv</c> of a data set; all have the bytes of the input.</summary>
public sealed class DataTableReader() : FileReader("data-csv", new TextParts(), "train.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "class_name,image_path,target\ncat,train/a.png,0\ndog,train/b.png,1\ncat,c.png,0\n"u8.ToArray(),
        ",Image ID,label\n0,a,cat\n1,b,big dog\n"u8.ToArray(),
        "id;healthy;rust\na;1;0\nb;0;1\n"u8.ToArray(),
        "id,label,class_name\na,1,cat\nb,2,dog\n"u8.ToArray(),
        "\uFEFFid,image_path,target,class_name\r\n7,\"a,b.png\",1,\"dog \"\"x\"\"\"\r\n8,b.png,0,cat\r\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "train"));
        Directory.CreateDirectory(Path.Combine(folder, "test"));
        File.Copy(path, Path.Combine(folder, "test.csv"));
        File.Copy(path, Path.Combine(folder, "sample_submission.csv"));
        foreach (var image in (string[])["train/a.png", "train/b.png", "test/a.png", "test/b.png"])
        {
            File.WriteAllBytes(Path.Combine(folder, image), []);
        }

        DataSetReader.Read(folder);
        return null;
    }
}
