namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>Something that <c>--run</c> names: a run, a saved ensemble, pretrained weights or a file of weights.</summary>
/// <param name="Name">Name without the kind.</param>
public abstract record TrainedModel(string Name)
{
    /// <summary>The kind as a noun with its article, such as <c>a run</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The text that names this one alone, regardless of what else has the same name.</summary>
    public abstract string ExactName { get; }

    /// <summary>Subject of messages, such as <c>the run a</c>.</summary>
    public string Title => $"the {Kind[(Kind.IndexOf(' ', StringComparison.Ordinal) + 1)..]} {Name}";
}
