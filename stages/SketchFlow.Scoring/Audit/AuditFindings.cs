namespace SketchFlow.Scoring.Audit;

/// <summary>Findings of an audit about an image, which can have several.</summary>
[Flags]
public enum AuditFindings
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The label is likely wrong.</summary>
    LabelError = 1,

    /// <summary>A copy of the image carries another label.</summary>
    Duplicate = 2,

    /// <summary>Every model is sure of a class that is not the given one.</summary>
    Unlearnable = 4,

    /// <summary>Two classes share the prediction.</summary>
    Ambiguous = 8,

    /// <summary>The prediction is much flatter than those of the other images: the image may belong to no class.</summary>
    Outlier = 16,
}
