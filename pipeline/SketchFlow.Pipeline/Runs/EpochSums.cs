using System.Text.Json.Serialization;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Running sums over the finished part of an epoch.</summary>
public sealed record EpochSums
{
    /// <summary>Sum of loss times batch size, over the steps that were not skipped.</summary>
    public double Loss { get; init; }

    /// <summary>Number of correctly classified images, over the steps that were not skipped.</summary>
    public int Correct { get; init; }

    /// <summary>Number of images, including those of skipped steps.</summary>
    public int Seen { get; init; }

    /// <summary>Number of images of skipped steps; resume files of version 0.1.0 lack it and count as 0.</summary>
    public int SkippedImages { get; init; }

    /// <summary>Number of steps, including skipped ones.</summary>
    public int Steps { get; init; }

    /// <summary>Number of consecutive steps up to now, across epochs, that were skipped because a loss or gradient was not finite.</summary>
    public int NonFinite { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Number of images that were learned from: those of the steps that were not skipped.</summary>
    [JsonIgnore]
    public int Learned => Seen - SkippedImages;

    /// <summary>Mean loss of the images that were learned from; NaN if every step was skipped.</summary>
    [JsonIgnore]
    public double MeanLoss => Learned > 0 ? Loss / Learned : double.NaN;

    /// <summary>Accuracy of the images that were learned from, in [0, 1]; NaN if every step was skipped.</summary>
    [JsonIgnore]
    public double Accuracy => Learned > 0 ? (double)Correct / Learned : double.NaN;
}
