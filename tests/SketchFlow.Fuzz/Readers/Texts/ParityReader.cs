using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Parity;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Parity fixtures.</summary>
public sealed class ParityReader() : FileReader("parity-json", new JsonParts(), "p.json")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """
        {"model":"resnet18","input_size":64,"num_classes":3,"parameters":11,"gain":0.5,
         "tensors":[["a",[2,3],"float32"]],"logits":[[1,2,3],[4,5,6]]}
        """u8.ToArray(),
        """
        {"model":"vit","input_size":64,"weights_size":32,"num_classes":2,"parameters":9,"gain":1,
         "tensors":"ab","every":1,"greatest":2,"logits":[[1,2],[4,5]]}
        """u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        ParityFixture.Read(path);
        return null;
    }
}
