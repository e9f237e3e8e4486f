using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow.Execution;

/// <summary>
/// One message in flight. The delegate that holds it owns it; its value is disposed at the point where it is dropped, rejected or replaced.
/// </summary>
internal sealed class Envelope
{
    private readonly long _index;
    private readonly object? _origin;

    /// <summary>Wraps an item of the source.</summary>
    /// <param name="index">Index in the source, from 0.</param>
    /// <param name="item">The item.</param>
    public Envelope(long index, object item) => (_index, _origin, Value, Count) = (index, item, item, 1);

    /// <summary>Wraps a batch; the values of its members have moved into <paramref name="batch"/>.</summary>
    public Envelope(Envelope[] members, object batch) => (Members, Value, Count) = (members, batch, members.Sum(m => m.Count));

    /// <summary>The value that the stages have made so far; null once rejected or dropped.</summary>
    public object? Value { get; set; }

    /// <summary>The rejection; null for a message that was not rejected.</summary>
    public Rejected? Rejection { get; set; }

    /// <summary>Number of source items within.</summary>
    public int Count { get; }

    private Envelope[]? Members { get; }

    /// <summary>Name in errors: the text of the source's item.</summary>
    public override string ToString() => Count == 1 ? Name() : $"{Name()} and {Count - 1} more";

    /// <summary>Lists the rejections of all source items within: the stage's own rejection for a single item, one in each item's name for a batch.</summary>
    public IEnumerable<Rejected> Rejections(string reason) =>
        Members is null ? [Rejection ?? Reject(reason)] : Members.SelectMany(m => m.Rejections(reason));

    /// <summary>Creates a rejection in this item's name.</summary>
    public Rejected Reject(string reason) =>
        _origin is Sample sample ? sample.Reject(reason) : new Rejected(_index, Name(), reason);

    private string Name()
    {
        if (Members is not null)
        {
            return Members[0].Name();
        }

        try
        {
            return _origin?.ToString() ?? $"item {_index}";
        }
        catch (Exception)
        {
            // An item that cannot print itself (it may be disposed) is named by its index.
            return $"item {_index}";
        }
    }
}
