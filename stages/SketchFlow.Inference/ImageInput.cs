namespace SketchFlow.Inference;

/// <summary>An image to classify: a file, or bytes in memory. A path converts to it.</summary>
/// <param name="Name">Name of the image in the answer, such as its path.</param>
public sealed record ImageInput(string Name)
{
    /// <summary>Path of the file.</summary>
    public string File { get; init; } = Name;

    /// <summary>The bytes of the file; null reads <see cref="File"/>.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>Reason why the image cannot be used, found before it was opened; null for none.</summary>
    public string? Fault { get; init; }

    /// <summary>Names a file.</summary>
    /// <param name="file">Path of the file.</param>
    public static implicit operator ImageInput(string file) => new(file);

    /// <summary>Names a file.</summary>
    /// <param name="file">Path of the file.</param>
    public static ImageInput FromFile(string file) => new(file);

    /// <summary>Wraps the bytes of a file, such as an uploaded one.</summary>
    /// <param name="name">Name of the image in the answer.</param>
    /// <param name="bytes">The bytes; they must not change until the answer is there.</param>
    public static ImageInput FromBytes(string name, ReadOnlyMemory<byte> bytes) => new(name) { Bytes = bytes };
}
