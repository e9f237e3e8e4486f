using SketchFlow.Fuzz.Formats;
using SketchFlow.Scoring.Submissions;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Submissions and answers.</summary>
public sealed class LabelTableReader() : FileReader("submission-csv", new TextParts(), "s.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "ID,target\n0,3\n1,0\n2,7\n"u8.ToArray(), "img,c0,c1\na.png,0.25,0.75\nb.png,1.0,0.0\n"u8.ToArray(),
        "Image,Id\na,w_1 w_2 new_whale\nb,w_2 w_1 w_3\n"u8.ToArray(), "image_path,class_name,target\na.png,cat,0\nb.png,\"dog, x\",1\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        LabelTable.Read(path);
        return null;
    }
}
