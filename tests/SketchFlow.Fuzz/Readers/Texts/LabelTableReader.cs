using SketchFlow.Fuzz.Formats;
using SketchFlow.Scoring.Submissions;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Submissions and answers.</summary>
public sealed class LabelTableReader() : FileReader("submission-csv", new TextParts(), "s.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
        ["ID,target\n0,3\n1,0\n2,7\n"u8.ToArray(), "image_path,class_name,target\na.png,cat,0\nb.png,\"dog, x\",1\n"u8.ToArray()];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        LabelTable.Read(path);
        return null;
    }
}
