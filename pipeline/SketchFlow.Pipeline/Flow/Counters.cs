using System.Diagnostics;

namespace SketchFlow.Pipeline.Flows;

/// <summary>Counts of one stage, added to by all its workers.</summary>
internal sealed class StageCounter
{
    private long _in, _out, _rejected, _busy;

    public void CountIn() => Interlocked.Increment(ref _in);

    public void CountOut() => Interlocked.Increment(ref _out);

    public void CountRejected() => Interlocked.Increment(ref _rejected);

    public void AddBusy(long ticks) => Interlocked.Add(ref _busy, ticks);

    public StageReport Report(string name, int block, int workers) =>
        new(name, block, workers, Volatile.Read(ref _in), Volatile.Read(ref _out), Volatile.Read(ref _rejected), Stopwatch.GetElapsedTime(0, Volatile.Read(ref _busy)));
}

/// <summary>What waits between two blocks: entered when the one is done, left when the other begins.</summary>
internal sealed class QueueCounter
{
    private int _now, _max;
    private long _seen, _left;

    public void Enter()
    {
        var now = Interlocked.Increment(ref _now);
        for (var max = Volatile.Read(ref _max); now > max;)
        {
            max = Interlocked.CompareExchange(ref _max, now, max);
        }
    }

    public void Leave()
    {
        Interlocked.Add(ref _seen, Interlocked.Decrement(ref _now));
        Interlocked.Increment(ref _left);
    }

    public QueueReport Report(string from, string to) => new(from, to, _left == 0 ? 0 : (double)_seen / _left, _max);
}
