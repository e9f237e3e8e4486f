using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

public static partial class SafetensorsFormat
{
    /// <summary>Opens a file and checks its header; the tensors stay on the disk until they are asked for.</summary>
    /// <exception cref="RefusalException">It cannot be opened, or breaks a rule of the format; the message names file and tensor.</exception>
    public static SafetensorsFile Open(string path) => new(path);
}
