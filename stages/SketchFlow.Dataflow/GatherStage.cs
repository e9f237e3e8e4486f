namespace SketchFlow.Dataflow;

/// <summary>One group of many; a map stage of the same name follows, which makes a value of it.</summary>
internal sealed record GatherStage(string Name, int Size, LastBatch Last, Func<object[], object> Group) : Stage(Name);
