namespace SketchFlow.Dataflow.Description;

/// <summary>Description of one block: fused map stages, or one batch stage.</summary>
internal abstract record Segment(int Capacity);
