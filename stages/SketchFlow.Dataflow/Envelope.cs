using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Dataflow;

/// <summary>One message under way. Whichever delegate holds it owns it; its value is disposed where it is dropped, rejected or replaced.</summary>
internal sealed class Envelope
{
    private readonly long _place;
    private readonly object? _origin;

    /// <summary>An item at its place in the source, from 0.</summary>
    public Envelope(long place, object item) => (_place, _origin, Value, Count) = (place, item, item, 1);

    /// <summary>A group; its members' values have moved into <paramref name="group"/>.</summary>
    public Envelope(Envelope[] members, object group) => (Members, Value, Count) = (members, group, members.Sum(m => m.Count));

    /// <summary>What the stages have made so far; null once rejected or dropped.</summary>
    public object? Value { get; set; }

    /// <summary>Why it was rejected; null where it was not.</summary>
    public Rejected? Rejection { get; set; }

    /// <summary>Source items within.</summary>
    public int Count { get; }

    private Envelope[]? Members { get; }

    /// <summary>How errors name it: as the source's item prints itself.</summary>
    public override string ToString() => Count == 1 ? Name() : $"{Name()} and {Count - 1} more";

    /// <summary>The rejection of every source item within: the stage's own for one, each by its own name for a group.</summary>
    public IEnumerable<Rejected> Rejections(string reason) =>
        Members is null ? [Rejection ?? Reject(reason)] : Members.SelectMany(m => m.Rejections(reason));

    /// <summary>A rejection in this item's name.</summary>
    public Rejected Reject(string reason) =>
        _origin is Sample sample ? sample.Reject(reason) : new Rejected(_place, Name(), reason);

    private string Name()
    {
        if (Members is not null)
        {
            return Members[0].Name();
        }

        try
        {
            return _origin?.ToString() ?? $"item {_place}";
        }
        catch (Exception)
        {
            // An item that cannot print itself (disposed, perhaps) is named by its place.
            return $"item {_place}";
        }
    }
}
