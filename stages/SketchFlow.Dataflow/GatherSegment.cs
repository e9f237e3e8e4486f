namespace SketchFlow.Dataflow;

/// <summary>The collecting half of a batch stage.</summary>
internal sealed record GatherSegment(GatherStage Stage, int Capacity) : Segment(Capacity);
