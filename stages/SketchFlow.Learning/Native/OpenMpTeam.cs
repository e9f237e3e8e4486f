using System.Runtime.InteropServices;

namespace SketchFlow.Learning.Native;

/// <summary>Runs loops of C# on the threads that libtorch's own loops run on.</summary>
/// <remarks>
/// libtorch's threads (libgomp's) wait for the next loop awake for a while. A loop in the thread pool between two of libtorch's would share its cores with
/// them, and its threads, which wait awake as well, those of the next one. Where there is no libgomp, it is the thread pool all the same.
/// </remarks>
internal static unsafe class OpenMpTeam
{
    private const long Worthwhile = 1 << 19;

    // libgomp's entry for "#pragma omp parallel": (function, its argument, threads, flags).
    private static readonly Lazy<nint> Entry = new(() => OperatingSystem.IsLinux() ? LibTorch.Export("GOMP_parallel") : 0);

    /// <summary>Whether libtorch's threads are at hand.</summary>
    public static bool IsAvailable => Entry.Value != 0;

    /// <summary>Calls <paramref name="body"/> for 0 to <paramref name="count"/> - 1, each once, in any order, on as many threads as libtorch uses.</summary>
    /// <param name="count">Number of tasks.</param>
    /// <param name="operations">Multiply-adds of all tasks together: few of them are done sooner than threads are woken.</param>
    /// <param name="body">Takes a task's number.</param>
    /// <param name="most">No more threads than these.</param>
    /// <exception cref="AggregateException">What tasks threw; no further tasks are begun then.</exception>
    public static void For(int count, long operations, Action<int> body, int most = int.MaxValue) =>
        For(count, operations, () => default(Nothing), (task, _) => body(task), most);

    /// <summary>Calls <paramref name="body"/> for 0 to <paramref name="count"/> - 1, each once, in any order, on as many threads as libtorch uses.</summary>
    /// <param name="count">Number of tasks.</param>
    /// <param name="operations">Multiply-adds of all tasks together: few of them are done sooner than threads are woken.</param>
    /// <param name="begin">What one thread needs; made where it runs, and disposed there.</param>
    /// <param name="body">Takes a task's number.</param>
    /// <param name="most">No more threads than these.</param>
    /// <param name="shared">False takes the thread pool, for tests.</param>
    /// <exception cref="AggregateException">What tasks threw; no further tasks are begun then.</exception>
    public static void For<T>(int count, long operations, Func<T> begin, Action<int, T> body, int most = int.MaxValue, bool shared = true)
        where T : IDisposable
    {
        var threads = operations < Worthwhile ? 1 : Math.Min(Math.Min(ComputeThreads.Count, most), count);
        var next = -1;
        var errors = new List<Exception>();
        void Loop()
        {
            try
            {
                using var own = begin();
                for (var task = Interlocked.Increment(ref next); task < count; task = Interlocked.Increment(ref next))
                {
                    body(task, own);
                }
            }
            catch (Exception e)
            {
                // An exception must not pass through libgomp's frames.
                Volatile.Write(ref next, count);
                lock (errors)
                {
                    errors.Add(e);
                }
            }
        }

        if (threads <= 1)
        {
            Loop();
        }
        else if (shared && IsAvailable)
        {
            var handle = GCHandle.Alloc((Action)Loop);
            try
            {
                ((delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)Entry.Value)(&Run, GCHandle.ToIntPtr(handle), (uint)threads, 0);
            }
            finally
            {
                handle.Free();
            }
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Loop());
        }

        if (errors.Count > 0)
        {
            throw new AggregateException(errors);
        }
    }

    [UnmanagedCallersOnly]
    private static void Run(nint loop) => ((Action)GCHandle.FromIntPtr(loop).Target!)();

    private readonly struct Nothing : IDisposable
    {
        public void Dispose()
        {
            // Nothing to dispose of.
        }
    }
}
