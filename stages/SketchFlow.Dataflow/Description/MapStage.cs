using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow.Description;

/// <summary>Makes one value of each message, or rejects it.</summary>
internal sealed record MapStage(string Name, int Workers, bool Ordered, Func<object, Outcome<object>> Apply) : Stage(Name)
{
    /// <summary>True for the second half of a batch stage, whose first half has already counted the messages that came in.</summary>
    public bool TakesBatches { get; init; }
}
