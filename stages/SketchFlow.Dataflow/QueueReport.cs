namespace SketchFlow.Dataflow;

/// <summary>What waited between two blocks: done by the one and not yet begun by the other.</summary>
/// <param name="From">The source or the stage before.</param>
/// <param name="To">The stage after, or <c>sink</c>.</param>
/// <param name="Mean">Messages left waiting, mean over the moments at which one was taken.</param>
/// <param name="Max">Most messages that waited.</param>
public sealed record QueueReport(string From, string To, double Mean, int Max);
