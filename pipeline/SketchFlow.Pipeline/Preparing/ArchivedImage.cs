namespace SketchFlow.Pipeline.Preparing;

/// <summary>One image of an <see cref="ImageArchive"/>.</summary>
/// <param name="Class">Name of its class.</param>
/// <param name="Folder">Name of the class as a folder.</param>
/// <param name="Name">File name, unique within the folder.</param>
/// <param name="Length">Size in bytes; -1 if it is unknown before reading.</param>
/// <param name="Source">The object by which the archive reads it.</param>
internal sealed record ArchivedImage(string Class, string Folder, string Name, long Length, object Source)
{
    /// <summary>Position in an archive that can be read only from start to end; 0 in all others.</summary>
    public long Order { get; init; }
}
