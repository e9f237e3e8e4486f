namespace SketchFlow.Fuzz.Formats;

/// <summary>A range of an input that means something to its reader.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Kind">Kind of the range.</param>
public readonly record struct Part(int Start, int Length, PartKind Kind)
{
    /// <summary>End of the range, exclusive.</summary>
    public int End => Start + Length;

    /// <summary>Creates a binary number.</summary>
    public static Part Number(int start, int length) => new(start, length, PartKind.Number);

    /// <summary>Creates a repeatable section.</summary>
    public static Part Section(int start, int end) => new(start, end - start, PartKind.Section);
}
