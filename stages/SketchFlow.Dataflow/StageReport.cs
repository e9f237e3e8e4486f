namespace SketchFlow.Dataflow;

/// <summary>One stage of a run.</summary>
/// <param name="Name">As described.</param>
/// <param name="Block">Number of the block that it runs in, from 0; fused stages share one.</param>
/// <param name="Workers">Workers of that block.</param>
/// <param name="In">Messages that came in (items, or batches after a batch stage).</param>
/// <param name="Out">Values that went out.</param>
/// <param name="Rejected">Messages that it rejected.</param>
/// <param name="Busy">Time in the stage's function, over all workers.</param>
public sealed record StageReport(string Name, int Block, int Workers, long In, long Out, long Rejected, TimeSpan Busy);
