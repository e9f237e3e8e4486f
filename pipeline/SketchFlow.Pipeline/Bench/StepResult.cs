using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;

namespace SketchFlow.Pipeline.Bench;

/// <summary>The time of a step by kind of operation.</summary>
public sealed record StepResult
{
    /// <summary>Width and height of the input in pixels.</summary>
    public required int InputSize { get; init; }

    /// <summary>Number of images per step.</summary>
    public required int Batch { get; init; }

    /// <summary>Times of inference.</summary>
    public required StepShares Infer { get; init; }

    /// <summary>Times of training: forward, loss, backward and optimiser.</summary>
    public required StepShares Train { get; init; }

    /// <summary>The different operations, sorted by their share of training, largest first.</summary>
    public required ImmutableArray<OperationTime> Operations { get; init; }

    /// <summary>Counts the layers of a kind and the different operations that they use.</summary>
    public (int Layers, int Different) Count(LayerKind kind) =>
        (Operations.Where(o => o.Layer == kind).Sum(o => o.Count), Operations.Count(o => o.Layer == kind));
}
