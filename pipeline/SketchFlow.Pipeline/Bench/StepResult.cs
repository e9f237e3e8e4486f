using System.Collections.Immutable;
using SketchFlow.Learning.Models.Profiling;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Where a step's time goes.</summary>
public sealed record StepResult
{
    /// <summary>Side of the input in pixels.</summary>
    public required int InputSize { get; init; }

    /// <summary>Images a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Inference.</summary>
    public required StepShares Infer { get; init; }

    /// <summary>Training: forward, loss, backward, optimiser.</summary>
    public required StepShares Train { get; init; }

    /// <summary>The different operations, those that take the most of training first.</summary>
    public required ImmutableArray<OperationTime> Operations { get; init; }

    /// <summary>How many layers of a kind there are, and how many different operations they run.</summary>
    public (int Layers, int Different) Count(LayerKind kind) =>
        (Operations.Where(o => o.Layer == kind).Sum(o => o.Count), Operations.Count(o => o.Layer == kind));
}
