namespace SketchFlow.Data.Competitions;

/// <summary>Content of the predicted cells of a submission.</summary>
public enum SubmissionKind
{
    /// <summary>The class.</summary>
    Label,

    /// <summary>The most probable classes, best first, separated by spaces.</summary>
    TopLabels,

    /// <summary>A column for each class with its probability; of two classes, one column suffices.</summary>
    Probabilities,
}
