using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Weights as files: safetensors under timm's names, so that timm loads them strictly.</summary>
public static class Checkpoint
{
    /// <summary>Writes all tensors, with the class names and the epoch's metrics in the header's metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The weights.</param>
    /// <param name="data">Whose classes they are for.</param>
    /// <param name="row">The epoch; null before the first.</param>
    /// <param name="average">Whether these are averaged weights (EMA, a soup) and not those that were trained.</param>
    public static void Write(string path, FlatModel model, DataSet data, EpochMetrics? row, bool average = false)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["architecture"] = model.Architecture.Name,
            ["class_names"] = JsonSerializer.Serialize(data.Classes),
            ["epoch"] = (row?.Epoch ?? 0).ToString(CultureInfo.InvariantCulture),
            ["weights"] = average ? "average" : "trained",
        };
        if (row is not null)
        {
            var (loss, accuracy) = average ? (row.AverageLoss ?? row.ValidationLoss, row.AverageAccuracy ?? row.ValidationAccuracy) : (row.ValidationLoss, row.ValidationAccuracy);
            metadata["val_loss"] = loss.ToString("R", CultureInfo.InvariantCulture);
            metadata["val_accuracy"] = accuracy.ToString("R", CultureInfo.InvariantCulture);
        }

        model.Save(path, metadata);
    }
}
