using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Execution;

/// <summary>Counts the messages that wait between two blocks: entered when the first is done, left when the second starts.</summary>
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
