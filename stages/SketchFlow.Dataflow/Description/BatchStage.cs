namespace SketchFlow.Dataflow.Description;

/// <summary>Collects messages into batches. A map stage of the same name follows, which makes one value of each batch.</summary>
internal sealed record BatchStage(string Name, int Size, LastBatch Last, Func<object[], object> Collect) : Stage(Name);
