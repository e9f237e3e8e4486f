namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>A saved ensemble.</summary>
/// <param name="Name">Name of the ensemble.</param>
/// <param name="File">File of the ensemble, <c>artifacts/ensembles/NAME.yaml</c>.</param>
public sealed record TrainedEnsemble(string Name, string File) : TrainedModel(Name)
{
    /// <summary>Prefix that marks the name of an ensemble.</summary>
    public const string Prefix = "ensemble:";

    /// <inheritdoc/>
    public override string Kind => "an ensemble";

    /// <inheritdoc/>
    public override string ExactName => Prefix + Name;
}
