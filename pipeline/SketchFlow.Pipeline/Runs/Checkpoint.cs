using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Weights as safetensors files with timm's tensor names, so that timm can load them in strict mode.</summary>
public static class Checkpoint
{
    /// <summary>Writes all tensors, with the class names and the metrics of the epoch as metadata in the header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The weights.</param>
    /// <param name="data">The data set whose classes the model predicts.</param>
    /// <param name="row">The metrics of the epoch; null before the first.</param>
    /// <param name="average">Whether these are averaged weights (EMA or a soup) instead of the trained ones.</param>
    public static void Write(string path, FlatModel model, DataSet data, EpochMetrics? row, bool average = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["architecture"] = model.Architecture.Name,
            ["class_names"] = JsonSerializer.Serialize(data.Classes),
            ["epoch"] = (row?.Epoch ?? 0).ToString(CultureInfo.InvariantCulture),
            ["weights"] = average ? "average" : "trained",
        };
        if (row is not null)
        {
            var (loss, accuracy) = average
                ? (row.AverageLoss ?? row.ValidationLoss, row.AverageAccuracy ?? row.ValidationAccuracy)
                : (row.ValidationLoss, row.ValidationAccuracy);
            metadata["val_loss"] = loss.ToString("R", CultureInfo.InvariantCulture);
            metadata["val_accuracy"] = accuracy.ToString("R", CultureInfo.InvariantCulture);
        }

        model.Save(path, metadata);
    }
}
