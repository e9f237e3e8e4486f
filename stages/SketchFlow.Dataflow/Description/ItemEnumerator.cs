namespace SketchFlow.Dataflow.Description;

/// <summary>Reads a source that has its items ready, in the way in which a posted one is read.</summary>
internal sealed class ItemEnumerator(IEnumerator<object> items) : IAsyncEnumerator<object>
{
    /// <inheritdoc/>
    public object Current => items.Current;

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync() => new(items.MoveNext());

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        items.Dispose();
        return default;
    }
}
