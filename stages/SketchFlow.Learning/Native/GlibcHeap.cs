using System.Runtime.InteropServices;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Configures glibc to keep the memory of freed tensors for the next step, instead of returning it to the system and page-faulting it in again.
/// </summary>
/// <remarks>
/// By default glibc maps every block above its threshold (at most 32 MB) separately and unmaps it when it is freed; activations of that size then
/// cost a page fault for each 4 KiB in each step. The options are those of mallopt(3): no separate maps, and no trimming of the heap while a
/// model is in use. They affect the threads that use glibc's main arena, which is the program's first thread, the one that trains and predicts;
/// on other threads blocks above 64 MiB are still mapped separately.
/// </remarks>
internal static unsafe class GlibcHeap
{
    // malloc.h of glibc
    private const int TrimThreshold = -1;
    private const int MaxMaps = -4;
    private const int MapThreshold = -3;
    private const int MaxArenas = -8;
    private const int DefaultMaxMaps = 65_536;

    // The upper limit of glibc's own adjustment. Setting any option ends that adjustment, and its initial value (128 KiB) would be slow.
    private const int LargestMapThreshold = 32 * 1024 * 1024;

    private static readonly Lock Gate = new();
    private static readonly Lazy<(nint Option, nint Trim)> Functions = new(Find);
    private static int _users;

    /// <summary>Keeps freed memory until the handle is disposed, which then returns free memory to the system.</summary>
    /// <returns>The handle; null, without effect, where the C library is not glibc.</returns>
    public static IDisposable? KeepFreedMemory()
    {
        if (Functions.Value.Option == 0)
        {
            return null;
        }

        lock (Gate)
        {
            if (_users++ == 0)
            {
                // Memory kept by one thread's arena is useless to other threads: with an arena per thread, the new workers of each epoch made the
                // process grow.
                Set(MaxArenas, 1);
                Set(MaxMaps, 0);
                Set(TrimThreshold, int.MaxValue);
            }
        }

        return new Retention();
    }

    private static void Release()
    {
        lock (Gate)
        {
            if (--_users > 0)
            {
                return;
            }

            Set(MaxMaps, DefaultMaxMaps);
            Set(MapThreshold, LargestMapThreshold);
            Set(TrimThreshold, 2 * LargestMapThreshold);
        }

        ((delegate* unmanaged<nuint, int>)Functions.Value.Trim)(0);
    }

    private static void Set(int option, int value) => _ = ((delegate* unmanaged<int, int, int>)Functions.Value.Option)(option, value);

    private static (nint Option, nint Trim) Find() =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var libc)
        && NativeLibrary.TryGetExport(libc, "mallopt", out var option)
        && NativeLibrary.TryGetExport(libc, "malloc_trim", out var trim)
            ? (option, trim)
            : (0, 0);

    private sealed class Retention : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                Release();
            }
        }
    }
}
