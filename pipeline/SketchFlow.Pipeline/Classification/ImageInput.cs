namespace SketchFlow.Pipeline.Classification;

/// <summary>An image to classify: a file, or bytes in memory.</summary>
/// <param name="Name">Name of the image in the answer, such as its path.</param>
public sealed record ImageInput(string Name)
{
    /// <summary>Path of the file.</summary>
    public string File { get; init; } = Name;

    /// <summary>The bytes of the file; null reads <see cref="File"/>.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>Reason why the image cannot be used, found before it was opened; null for none.</summary>
    public string? Fault { get; init; }
}
