namespace SketchFlow.Dataflow.Reports;

/// <summary>Counts and time of one stage.</summary>
/// <param name="Name">Name as described.</param>
/// <param name="Block">Number of the block that runs the stage, from 0; fused stages share one.</param>
/// <param name="Workers">Number of workers of that block.</param>
/// <param name="In">Number of messages that came in (items, or batches after a batch stage).</param>
/// <param name="Out">Number of values that went out.</param>
/// <param name="Rejected">Number of messages that the stage rejected.</param>
/// <param name="Busy">Time in the stage's function, summed over all workers.</param>
public sealed record StageReport(string Name, int Block, int Workers, long In, long Out, long Rejected, TimeSpan Busy);
