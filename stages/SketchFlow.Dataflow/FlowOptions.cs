namespace SketchFlow.Dataflow;

/// <summary>What holds for a whole flow.</summary>
public sealed record FlowOptions
{
    /// <summary>What becomes of an item whose stage throws; a bad program by default.</summary>
    public FaultPolicy Faults { get; init; } = FaultPolicy.Stop;

    /// <summary>
    /// Messages that a block may hold (waiting, under way and done) for each of its workers. More evens out slow items, and
    /// costs that many images of memory; with 1, ordered workers wait for the slowest.
    /// </summary>
    public int MessagesPerWorker { get; init; } = 4;

    /// <summary>Values that wait ready after a batch stage, beside those being made; each costs a batch of memory.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>
    /// Run the source and the stages on threads of the lowest priority, for a sink that needs every core itself, such as a training step on the
    /// CPU. Costs nothing where cores are free.
    /// </summary>
    public bool Background { get; init; }

    /// <summary>Whether a cancelled run throws <see cref="OperationCanceledException"/>, or ends quietly with <see cref="FlowReport.Cancelled"/>.</summary>
    public bool ThrowWhenCancelled { get; init; } = true;
}
