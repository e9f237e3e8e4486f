namespace SketchFlow.Scoring.Tables.Import;

/// <summary>What the numbers of another tool's table are.</summary>
public enum ImportedValues
{
    /// <summary>As the file says; refused where it does not.</summary>
    AsNamed,

    /// <summary>Logits, taken as they are.</summary>
    Logits,

    /// <summary>Probabilities, of which the logarithm is taken.</summary>
    Probabilities,
}
