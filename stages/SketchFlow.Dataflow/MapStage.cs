using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow;

/// <summary>One value of one.</summary>
internal sealed record MapStage(string Name, int Workers, bool Ordered, Func<object, Outcome<object>> Apply) : Stage(Name)
{
    /// <summary>The second half of a batch stage, whose first half has counted what came in.</summary>
    public bool OfGroups { get; init; }
}
