using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>What an observer learns when a run begins, or goes on.</summary>
/// <param name="Folder">The run's files.</param>
/// <param name="Recipe">Everything resolved.</param>
/// <param name="Data">The images.</param>
/// <param name="Parameters">Learned scalars of the model.</param>
/// <param name="Rows">Epochs that were done before this process; empty for a fresh run. They were observed then, and are not sent again.</param>
public sealed record RunStart(RunFolder Folder, Recipe Recipe, DataSet Data, long Parameters, ImmutableArray<EpochMetrics> Rows);
