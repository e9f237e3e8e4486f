namespace SketchFlow.Dataflow.Description;

/// <summary>The block that collects the members of batches.</summary>
internal sealed record BatchSegment(BatchStage Stage, int Capacity) : Segment(Capacity)
{
    /// <summary>Name of the block; differs from the name of the map stage that makes a value of each batch.</summary>
    public string Name => Stage.Name + " (gathering)";
}
