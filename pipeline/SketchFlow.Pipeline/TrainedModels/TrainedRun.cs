using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>A run, or one of its folds.</summary>
/// <param name="Folder">The folder of its files.</param>
public sealed record TrainedRun(RunFolder Folder) : TrainedModel(Folder.Name)
{
    /// <summary>Prefix that marks the name of a run.</summary>
    public const string Prefix = "run:";

    /// <inheritdoc/>
    public override string Kind => "a run";

    /// <inheritdoc/>
    public override string ExactName => Prefix + Name;
}
