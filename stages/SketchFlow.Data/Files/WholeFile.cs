namespace SketchFlow.Data.Files;

/// <summary>Writes files atomically: a temporary file in the same folder is written, flushed to disk and renamed, and the folder is flushed.</summary>
public static partial class WholeFile
{
    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>. On an exception an existing file stays unchanged.</summary>
    /// <remarks>A missing folder is created. The rename replaces an existing file in one step (POSIX <c>rename</c>).</remarks>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = DeadTemporaries.NameFor(full);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
            FlushFolder(Path.GetDirectoryName(full)!);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    // The first error is the cause, also where its file cannot be deleted either: on a disk that became read-only, in a folder that was removed.
    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next command deletes it.
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
