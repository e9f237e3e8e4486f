using System.Runtime.InteropServices;

namespace SketchFlow.Data.Files;

public static partial class WholeFile
{
    /// <summary>
    /// Flushes a folder's entries to the disk (POSIX <c>fsync</c> on the folder), so that a rename in it outlives a loss of power. The
    /// runtime opens no folders, hence the three calls into the C library, which is always there; elsewhere than on Unix nothing is done.
    /// </summary>
    /// <remarks>A file system that cannot flush folders (some network mounts answer EINVAL) is left as it is: the file itself is flushed.</remarks>
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
