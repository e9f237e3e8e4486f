namespace SketchFlow.Pipeline.Preparing;

/// <summary>One image of an <see cref="ImageArchive"/>.</summary>
/// <param name="Class">Its class's name.</param>
/// <param name="Name">Its file name, unique within the class.</param>
/// <param name="Length">Bytes; -1 where that is not known before reading.</param>
/// <param name="Where">What the archive finds it by.</param>
internal sealed record ArchivedImage(string Class, string Name, long Length, object Where);
