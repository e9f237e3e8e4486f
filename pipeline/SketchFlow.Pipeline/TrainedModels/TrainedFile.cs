namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>A file of weights, or a folder with one.</summary>
/// <param name="File">Path of the file.</param>
public sealed record TrainedFile(string File) : TrainedModel(File)
{
    /// <summary>Prefix that marks a path.</summary>
    public const string Prefix = "file:";

    /// <inheritdoc/>
    public override string Kind => "a file";

    /// <inheritdoc/>
    public override string ExactName => Path.IsPathRooted(File) ? File : $"./{File}";
}
