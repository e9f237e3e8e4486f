using System.Collections.Immutable;

namespace SketchFlow.Dataflow.Description;

/// <summary>Map stages of equal workers and order, applied one after the other to each message.</summary>
internal sealed record MapSegment(string Name, ImmutableArray<MapStage> Stages, int Workers, bool Ordered, int Capacity) : Segment(Capacity);
