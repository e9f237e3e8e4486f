using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Jobs;

/// <summary>The facts that observers receive when a run starts or resumes.</summary>
/// <param name="Folder">The files of the run.</param>
/// <param name="Recipe">The fully resolved recipe.</param>
/// <param name="Data">The images.</param>
/// <param name="Parameters">Number of trainable scalars of the model.</param>
public sealed record RunStart(RunFolder Folder, Recipe Recipe, DataSet Data, long Parameters)
{
    /// <summary>Epochs done before this process, which were observed at that time and are not sent again; empty for a new run.</summary>
    public ImmutableArray<EpochMetrics> Rows { get; init; } = [];

    /// <summary>The timings of these epochs.</summary>
    public ImmutableArray<EpochTiming> Timings { get; init; } = [];
}
