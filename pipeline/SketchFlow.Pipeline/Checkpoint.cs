using System.Globalization;
using System.Text.Json;
using SketchFlow.Learning.Training;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline;

/// <summary>Weights as files: safetensors under timm's names, so that timm loads them strictly.</summary>
public static class Checkpoint
{
    /// <summary>Writes all tensors, with the class names and the epoch's metrics in the header's metadata.</summary>
    public static void Write(string path, FlatModel model, DataSet data, EpochMetrics? row)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["architecture"] = model.Architecture.Name,
            ["class_names"] = JsonSerializer.Serialize(data.Classes),
            ["epoch"] = (row?.Epoch ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        model.Save(path, metadata);
    }
}
