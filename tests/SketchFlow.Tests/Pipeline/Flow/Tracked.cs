using System.Collections.Concurrent;

namespace SketchFlow.Tests.Pipeline.Flows;

/// <summary>Keeps account of every message made, so that a test can ask whether each was disposed of exactly once.</summary>
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

/// <summary>A message that counts its disposals and refuses to be read afterwards.</summary>
internal sealed class Tracked(int number, string kind) : IDisposable
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public int Number => Disposals == 0 ? number : throw new ObjectDisposedException(ToString());

    public void Dispose() => Interlocked.Increment(ref _disposals);

    public override string ToString() => $"{kind} {number}";
}
