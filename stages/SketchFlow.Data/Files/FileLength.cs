namespace SketchFlow.Data.Files;

/// <summary>Lengths of files, found without opening them.</summary>
public static class FileLength
{
    /// <summary>Finds the number of bytes of a file, behind all links.</summary>
    /// <returns>
    /// Null where there is no such file. 0 also for a pipe or a device, which has no length: opening a pipe would wait for its writer, and a device may never
    /// end.
    /// </returns>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static long? Find(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
        {
            file = target;
        }

        return file.Exists ? file.Length : null;
    }
}
