using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SketchFlow.Fuzz.Workers;

/// <summary>Takes standard output for answers: what native libraries print goes to standard error.</summary>
internal static partial class StandardOutput
{
    private const int Output = 1;
    private const int Error = 2;

    /// <summary>Returns a stream over the process's standard output, which nothing else can write to afterwards.</summary>
    public static FileStream Take()
    {
        var handle = dup(Output);
        _ = dup2(Error, Output);
        return new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Write);
    }

    [LibraryImport("libc")]
    private static partial int dup(int handle);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);
}
