namespace SketchFlow.Fuzz.Formats;

/// <summary>Kinds of parts of an input, by the changes that make sense.</summary>
public enum PartKind
{
    /// <summary>A section that may be repeated, removed, moved, or taken from another input.</summary>
    Section,

    /// <summary>A binary number of 1, 2, 4 or 8 bytes.</summary>
    Number,

    /// <summary>A word of a text: a number, a name or a value.</summary>
    Word,
}
