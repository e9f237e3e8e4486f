using System.Runtime.InteropServices;

namespace SketchFlow.Learning.Native;

/// <summary>Lets glibc keep the memory of freed tensors for the next step instead of giving it back to the system and faulting it in again, page by page.</summary>
/// <remarks>
/// By default glibc maps every block above its threshold (at most 32 MB) anew and unmaps it when it is freed; activations of that size then cost a page fault for each 4 KiB in each step.
/// The options are those of mallopt(3): no maps for single blocks, and no trimming of the heap while a model is held to learn or to answer. They serve the thread that glibc's main arena serves, the
/// program's first, which trains and predicts; on another thread blocks above 64 MiB are mapped all the same.
/// </remarks>
internal static unsafe class GlibcHeap
{
    // malloc.h of glibc
    private const int TrimThreshold = -1;
    private const int MaximumOfMaps = -4;
    private const int MapThreshold = -3;
    private const int MaximumOfArenas = -8;
    private const int DefaultMaximumOfMaps = 65_536;

    // What glibc's own adjustment ends at; setting one option ends that adjustment, and its first values (128 KiB) would be slow.
    private const int LargestMapThreshold = 32 * 1024 * 1024;

    private static readonly Lock Gate = new();
    private static readonly Lazy<(nint Option, nint Trim)> Functions = new(Find);
    private static int _keepers;

    /// <summary>Keeps freed memory until the handle is disposed; then what is free goes back to the system. Null, and nothing done, where the C library is not glibc.</summary>
    public static IDisposable? KeepFreedMemory()
    {
        if (Functions.Value.Option == 0)
        {
            return null;
        }

        lock (Gate)
        {
            if (_keepers++ == 0)
            {
                // Memory that one thread's arena keeps is of no use to another: with an arena a thread, each epoch's new workers made the process grow.
                Set(MaximumOfArenas, 1);
                Set(MaximumOfMaps, 0);
                Set(TrimThreshold, int.MaxValue);
            }
        }

        return new Keeper();
    }

    private static void Release()
    {
        lock (Gate)
        {
            if (--_keepers > 0)
            {
                return;
            }

            Set(MaximumOfMaps, DefaultMaximumOfMaps);
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

    private sealed class Keeper : IDisposable
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
