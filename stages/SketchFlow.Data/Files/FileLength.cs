namespace SketchFlow.Data.Files;

/// <summary>Lengths of files, found without opening them.</summary>
public static class FileLength
{
    /// <summary>Returns the number of bytes of a file, behind all links.</summary>
    /// <returns>0 also for a pipe or a device, which has no length: opening a pipe would wait for its writer, and a device may never end.</returns>
    /// <exception cref="IOException">There is no such file, or links lead in a circle.</exception>
    public static long Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target
            ? target.Length
            : file.Length;
    }
}
