namespace SketchFlow.Dataflow.Description;

/// <summary>The items that a flow reads: a list that is enumerated, or items that arrive while the flow runs.</summary>
internal sealed class ItemSource
{
    private readonly Func<CancellationToken, IAsyncEnumerator<object>> _open;

    private ItemSource(Func<CancellationToken, IAsyncEnumerator<object>> open) => _open = open;

    /// <summary>Creates a source of items that can be read without waiting.</summary>
    public static ItemSource From<T>(IEnumerable<T> items) where T : notnull
    {
        var objects = items as IEnumerable<object> ?? items.Cast<object>();
        return new ItemSource(_ => new ItemEnumerator(objects.GetEnumerator()));
    }

    /// <summary>Creates a source of items that arrive over time.</summary>
    public static ItemSource From<T>(IAsyncEnumerable<T> items) where T : notnull
    {
        var objects = items as IAsyncEnumerable<object> ?? items.Select(item => (object)item);
        return new ItemSource(objects.GetAsyncEnumerator);
    }

    /// <summary>Opens the source for one run.</summary>
    /// <param name="stop">Ends the waiting for an item.</param>
    public IAsyncEnumerator<object> Open(CancellationToken stop) => _open(stop);
}
