namespace SketchFlow.Dataflow.Description;

/// <summary>Collects messages into batches. The map stage that follows has this name too and makes one value of each batch.</summary>
internal sealed record BatchStage(string Name, int Size, LastBatch Last, Func<object[], object> Collect) : Stage(Name)
{
    /// <summary>Longest time that an item waits for others while the sink is idle; null waits for a full batch.</summary>
    public TimeSpan? MaxDelay { get; init; }
}
