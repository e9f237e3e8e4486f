namespace SketchFlow.Fuzz.Formats;

/// <summary>The structure of a kind of input, by which it is mutated. The base class knows none.</summary>
public class InputFormat
{
    /// <summary>An input without known structure.</summary>
    public static InputFormat Bytes { get; } = new();

    /// <summary>Words that replace those of a text.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Lists sections, numbers and words of an input, which may be damaged already.</summary>
    public virtual IReadOnlyList<Part> FindParts(byte[] input) => [];

    /// <summary>Corrects checksums, so that a change reaches what is behind them.</summary>
    public virtual byte[] Seal(byte[] input) => input;

    /// <summary>Creates an input that grows when it is read: by sharing, nesting, repetition or compression.</summary>
    public virtual byte[] Grow(byte[] input, Random random) => input;

    /// <summary>Replaces a range.</summary>
    protected static byte[] Replace(byte[] input, int start, int length, ReadOnlySpan<byte> by) =>
        [.. input.AsSpan(0, start), .. by, .. input.AsSpan(start + length)];
}
