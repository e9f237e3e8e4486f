using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SketchFlow.Dataflow.Execution;

/// <summary>
/// Threads of the lowest priority for stages that feed a busy sink: they use the cores that the sink leaves free, and all of them while it
/// waits.
/// </summary>
/// <remarks>
/// A training step on the CPU keeps every core busy with threads that wait for one another. A stage that preempts one of them delays all:
/// measured on 2 cores, preparing images at normal priority cost the step twice the CPU time that the preparation took.
/// All runs of the process share the threads, which end with the process.
/// </remarks>
internal sealed partial class LowPriorityScheduler : TaskScheduler
{
    private const int LowestNice = 19;
    private const int PrioProcess = 0; // PRIO_PROCESS; on Linux, with id 0, it means the calling thread

    [ThreadStatic]
    private static bool t_isWorker;

    private static readonly LowPriorityScheduler Shared = new();

    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Lock _gate = new();
    private int _threads;

    /// <summary>Returns the scheduler, with at least the given number of threads.</summary>
    public static TaskScheduler For(int threads)
    {
        Shared.Grow(threads);
        return Shared;
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => _tasks.Add(task);

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        t_isWorker && !taskWasPreviouslyQueued && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [.. _tasks];

    private void Grow(int threads)
    {
        lock (_gate)
        {
            for (; _threads < threads; _threads++)
            {
                new Thread(Work) { IsBackground = true, Name = $"flow worker {_threads + 1}" }.Start();
            }
        }
    }

    private void Work()
    {
        t_isWorker = true;
        // .NET's own thread priorities have no effect on Linux. There each thread has its own nice value, and raising it needs no privileges.
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(PrioProcess, 0, LowestNice);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }

        foreach (var task in _tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
