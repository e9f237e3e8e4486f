namespace SketchFlow.Dataflow.Reports;

/// <summary>Messages that waited between two blocks: done by the one and not yet started by the other.</summary>
/// <param name="From">The source or the block before.</param>
/// <param name="To">The block after, or <c>sink</c>.</param>
/// <param name="Mean">Mean number of messages left waiting, over the moments at which one was taken.</param>
/// <param name="Max">Largest number of messages that waited.</param>
public sealed record QueueReport(string From, string To, double Mean, int Max);
