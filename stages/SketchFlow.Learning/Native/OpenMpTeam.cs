using System.Runtime.InteropServices;

namespace SketchFlow.Learning.Native;

/// <summary>Runs C# loops on the team of OpenMP threads on which libtorch runs its own loops.</summary>
/// <remarks>
/// Between two loops, libgomp's threads spin for a while. A loop in .NET's thread pool between two of libtorch's loops would compete with them
/// for the cores, and so would the pool's spinning threads with the next loop of libtorch. Without libgomp, loops run in the thread pool.
/// </remarks>
internal static unsafe class OpenMpTeam
{
    private const long Worthwhile = 1 << 19;

    // libgomp's entry for "#pragma omp parallel": (function, its argument, threads, flags).
    private static readonly Lazy<nint> Entry = new(() => OperatingSystem.IsLinux() ? LibTorch.Export("GOMP_parallel") : 0);

    /// <summary>Whether libtorch's threads can be used.</summary>
    public static bool IsAvailable => Entry.Value != 0;

    /// <summary>Calls <paramref name="body"/> once for each of 0 to <paramref name="count"/> - 1, in any order, on as many threads as libtorch uses.</summary>
    /// <param name="count">Number of tasks.</param>
    /// <param name="operations">Multiply-adds of all tasks together; a small loop runs on the calling thread, since waking threads takes longer.</param>
    /// <param name="body">The loop body, which takes the number of a task.</param>
    /// <param name="most">Largest number of threads.</param>
    /// <exception cref="AggregateException">Tasks threw; no further tasks were started.</exception>
    public static void For(int count, long operations, Action<int> body, int most = int.MaxValue) =>
        For(count, operations, () => default(Nothing), (task, _) => body(task), most);

    /// <summary>Calls <paramref name="body"/> once for each of 0 to <paramref name="count"/> - 1, in any order, on as many threads as libtorch uses.</summary>
    /// <param name="count">Number of tasks.</param>
    /// <param name="operations">Multiply-adds of all tasks together; a small loop runs on the calling thread, since waking threads takes longer.</param>
    /// <param name="begin">Creates the state of one thread, on that thread, which also disposes of it.</param>
    /// <param name="body">The loop body, which takes the number of a task and the state of its thread.</param>
    /// <param name="most">Largest number of threads.</param>
    /// <param name="shared">False uses the thread pool, for tests.</param>
    /// <exception cref="AggregateException">Tasks threw; no further tasks were started.</exception>
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
                // An exception must not propagate through libgomp's stack frames.
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
