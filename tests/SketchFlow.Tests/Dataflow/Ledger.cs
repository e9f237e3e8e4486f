using System.Collections.Concurrent;

namespace SketchFlow.Tests.Dataflow;

/// <summary>Records every message made, so that a test can check that each was disposed of exactly once.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentBag<Tracked> _made = [];

    public int Made => _made.Count;

    public Tracked Make(int number, string kind)
    {
        var item = new Tracked(number, kind);
        _made.Add(item);
        return item;
    }

    public void AssertEachDisposedOnce() => Assert.Empty(_made.Where(t => t.Disposals != 1).Select(t => $"{t}: {t.Disposals} disposals"));
}
