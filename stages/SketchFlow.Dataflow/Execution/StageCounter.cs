using System.Diagnostics;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Counts of one stage, shared by all its workers.</summary>
internal sealed class StageCounter
{
    private long _in, _out, _rejected, _busy;

    public void CountIn() => Interlocked.Increment(ref _in);

    public void CountOut() => Interlocked.Increment(ref _out);

    public void CountRejected() => Interlocked.Increment(ref _rejected);

    public void AddBusy(long ticks) => Interlocked.Add(ref _busy, ticks);

    public StageReport Report(string name, int block, int workers) => new(
        name, block, workers, Volatile.Read(ref _in), Volatile.Read(ref _out), Volatile.Read(ref _rejected),
        Stopwatch.GetElapsedTime(0, Volatile.Read(ref _busy)));
}
