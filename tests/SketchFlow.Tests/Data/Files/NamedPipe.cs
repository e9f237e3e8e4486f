using System.Runtime.InteropServices;

namespace SketchFlow.Tests.Data.Files;

/// <summary>Creates named pipes (FIFOs), which block whoever opens them.</summary>
internal static partial class NamedPipe
{
    public static string Create(string path)
    {
        Assert.Equal(0, mkfifo(path, 0x1FF));
        return path;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}
