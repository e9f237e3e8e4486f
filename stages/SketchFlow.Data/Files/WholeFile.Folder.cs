using System.Runtime.InteropServices;

namespace SketchFlow.Data.Files;

public static partial class WholeFile
{
    /// <summary>
    /// Flushes a folder's entries to the disk (POSIX <c>fsync</c> on the folder), so that a rename in it survives a loss of power. .NET cannot
    /// open folders, so this calls the C library; on Windows it does nothing.
    /// </summary>
    /// <remarks>Errors are ignored: some network mounts cannot flush folders (EINVAL), and the file itself is already flushed.</remarks>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = open(folder, 0); // O_RDONLY
        if (handle < 0)
        {
            return;
        }

        _ = fsync(handle);
        _ = close(handle);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int fsync(int handle);

    [LibraryImport("libc")]
    private static partial int close(int handle);
}
