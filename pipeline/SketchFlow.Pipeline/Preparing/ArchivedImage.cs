namespace SketchFlow.Pipeline.Preparing;

/// <summary>One image of an <see cref="ImageArchive"/>.</summary>
/// <param name="Class">Name of its class.</param>
/// <param name="Name">File name, unique within the class.</param>
/// <param name="Length">Size in bytes; -1 if it is unknown before reading.</param>
/// <param name="Source">The object by which the archive reads it.</param>
internal sealed record ArchivedImage(string Class, string Name, long Length, object Source);
