namespace SketchFlow.Tests.Dataflow;

/// <summary>A message that counts its disposals and refuses to be read afterwards.</summary>
internal sealed class Tracked(int number, string kind) : IDisposable
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public int Number => Disposals == 0 ? number : throw new ObjectDisposedException(ToString());

    public void Dispose() => Interlocked.Increment(ref _disposals);

    public override string ToString() => $"{kind} {number}";
}
