namespace SketchFlow.Dataflow.Description;

/// <summary>Collects messages into batches. The map stage that follows has this name too and makes one value of each batch.</summary>
internal sealed record BatchStage(string Name, int Size, LastBatch Last, Func<object[], object> Collect) : Stage(Name);
