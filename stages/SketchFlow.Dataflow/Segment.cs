namespace SketchFlow.Dataflow;

/// <summary>What becomes one block: fused map stages, or one gather stage.</summary>
internal abstract record Segment(int Capacity);
