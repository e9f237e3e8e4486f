using SketchFlow.Learning.Native;

namespace SketchFlow.Pipeline.Jobs;

/// <summary>The device that a job computes on, and the channels through which it reports. Jobs print nothing themselves.</summary>
/// <param name="Device">The CPU or a GPU.</param>
/// <param name="Log">Receives human-readable lines.</param>
/// <param name="Progress">Opens progress displays.</param>
public sealed record JobContext(ComputeDevice Device, Action<string> Log, ProgressBarFactory Progress)
{
    /// <summary>Whether the log also receives details (<c>--verbose</c>).</summary>
    public bool Verbose { get; init; }

    /// <summary>
    /// Number of epochs that the same command trains after this training, such as those of further folds; they count as time that is left. Null if unknown.
    /// </summary>
    public int? EpochsAfter { get; init; } = 0;

    /// <summary>The library that computes logits.</summary>
    public InferenceEngine Engine { get; init; }

    /// <summary>Observers of training runs, called in this order.</summary>
    public IReadOnlyList<IRunObserver> Observers { get; init; } = [];
}
