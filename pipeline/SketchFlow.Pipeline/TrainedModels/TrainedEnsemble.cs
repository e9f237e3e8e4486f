namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>A saved ensemble.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Its file, <c>artifacts/ensembles/NAME.yaml</c>.</param>
public sealed record TrainedEnsemble(string Name, string File) : TrainedModel(Name)
{
    /// <summary>Prefix that says that a name is one of an ensemble.</summary>
    public const string Prefix = "ensemble:";

    /// <inheritdoc/>
    public override string Kind => "an ensemble";

    /// <inheritdoc/>
    public override string ExactName => Prefix + Name;
}
