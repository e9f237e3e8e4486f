namespace SketchFlow.Scoring.Tables.Import;

/// <summary>Kind of the numbers in an imported table.</summary>
public enum ImportedValues
{
    /// <summary>Taken from the file; the table is refused if the file does not state it.</summary>
    AsNamed,

    /// <summary>Logits, used unchanged.</summary>
    Logits,

    /// <summary>Probabilities, converted by the logarithm.</summary>
    Probabilities,
}
