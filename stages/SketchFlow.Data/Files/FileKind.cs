namespace SketchFlow.Data.Files;

/// <summary>The kind of a file, recognised by its first bytes and never by its name, for messages about files that cannot be read.</summary>
/// <param name="Name">Name with its article, such as <c>an HTML page</c>.</param>
public sealed record FileKind(string Name)
{
    /// <summary>Number of bytes from the start of a file that <see cref="Recognise(ReadOnlySpan{byte})"/> looks at; fewer are accepted.</summary>
    public const int BytesNeeded = 4096;

    /// <summary>Whether the file holds a picture, so that converting it helps.</summary>
    public bool IsImage { get; init; }

    /// <summary>Whether it is in a format that is decoded here, at least in a part of its layouts.</summary>
    public bool IsDecodable { get; init; }

    /// <summary>The advice that leads to the expected file, as an imperative; null where there is none.</summary>
    public string? Remedy { get; init; }

    /// <summary>Recognises a kind of file.</summary>
    /// <param name="start">The first <see cref="BytesNeeded"/> bytes of the file, or all of a shorter one.</param>
    /// <returns>The kind; null where the bytes are of no known kind.</returns>
    public static FileKind? Recognise(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, BytesNeeded)];
        return FileSignatures.Find(start) ?? TextKinds.Find(start);
    }

    /// <summary>Says that the file is of this kind instead of the expected one, such as <c>an HTML page, not an image; download the file again</c>.</summary>
    /// <param name="expected">The expected kind, with its article.</param>
    /// <returns>A clause without a full stop.</returns>
    public string InsteadOf(string expected) => Remedy is null ? $"{Name}, not {expected}" : $"{Name}, not {expected}; {Remedy}";
}
