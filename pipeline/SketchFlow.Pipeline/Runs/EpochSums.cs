namespace SketchFlow.Pipeline.Runs;

/// <summary>Running sums over the finished part of an epoch.</summary>
public sealed record EpochSums
{
    /// <summary>Sum of loss times batch size, over the steps that were not skipped.</summary>
    public double Loss { get; init; }

    /// <summary>Number of correctly classified images, over the steps that were not skipped.</summary>
    public int Correct { get; init; }

    /// <summary>Number of images.</summary>
    public int Seen { get; init; }

    /// <summary>Number of steps, including skipped ones.</summary>
    public int Steps { get; init; }

    /// <summary>Number of consecutive skipped steps up to now.</summary>
    public int NonFinite { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }
}
