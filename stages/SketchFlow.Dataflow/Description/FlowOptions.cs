using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Description;

/// <summary>Settings of a whole flow.</summary>
public sealed record FlowOptions
{
    /// <summary>Treatment of an item whose stage throws. By default the flow stops, since that is an error in the program.</summary>
    public FaultPolicy Faults { get; init; } = FaultPolicy.Stop;

    /// <summary>
    /// Number of messages that a block may hold (waiting, in work and done) for each of its workers. More of them even out slow items and
    /// cost that many images of memory; with 1, ordered workers wait for the slowest.
    /// </summary>
    public int MessagesPerWorker { get; init; } = 4;

    /// <summary>Number of finished values that wait after a batch stage, in addition to those in work; each costs a batch of memory.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>
    /// Whether the source and the stages run on threads of the lowest priority, for a sink that needs every core itself, such as a training
    /// step on the CPU. Costs nothing where cores are free.
    /// </summary>
    public bool Background { get; init; }

    /// <summary>Whether a cancelled run throws <see cref="OperationCanceledException"/>; else it ends with <see cref="FlowReport.Cancelled"/>.</summary>
    public bool ThrowWhenCancelled { get; init; } = true;
}
