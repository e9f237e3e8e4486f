using System.Globalization;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Weights as safetensors files with timm's tensor names, so that timm can load them in strict mode.</summary>
public static class Checkpoint
{
    /// <summary>Writes all tensors, with the identity of the run and the metrics of the epoch as metadata in the header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The weights.</param>
    /// <param name="identity">Class names, preprocessing, data and temperature of these weights.</param>
    /// <param name="row">The metrics of the epoch; null before the first.</param>
    /// <param name="average">Whether these are averaged weights (EMA or a soup) instead of the trained ones.</param>
    public static void Write(string path, FlatModel model, RunIdentity identity, EpochMetrics? row, bool average = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(identity);
        var metadata = identity.ToMetadata();
        metadata["architecture"] = model.Architecture.Name;
        metadata["epoch"] = (row?.Epoch ?? 0).ToString(CultureInfo.InvariantCulture);
        metadata["weights"] = average ? "average" : "trained";
        if (row is { IsValidated: true })
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
