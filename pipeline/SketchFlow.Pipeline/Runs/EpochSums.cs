namespace SketchFlow.Pipeline.Runs;

/// <summary>Sums over the part of an epoch that is done.</summary>
public sealed record EpochSums
{
    /// <summary>Loss times images, of the steps that were taken.</summary>
    public double Loss { get; init; }

    /// <summary>Images whose highest logit was their target, of the same.</summary>
    public int Correct { get; init; }

    /// <summary>Images.</summary>
    public int Seen { get; init; }

    /// <summary>Steps, skipped ones included.</summary>
    public int Steps { get; init; }

    /// <summary>Steps skipped in a row up to now.</summary>
    public int NonFinite { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }
}
