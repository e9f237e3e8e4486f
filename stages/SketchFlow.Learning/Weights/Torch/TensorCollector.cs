namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Finds the tensors in nested dictionaries with text keys. Shared and even circular containers are valid pickles, so depth and number of
/// entries are limited.
/// </summary>
internal sealed class TensorCollector
{
    private const int MaxDepth = 8;
    private const int MaxEntries = 1_000_000;

    private readonly PickleBudget _budget;
    private readonly List<CollectedTensor> _found = [];
    private int _entries;

    private TensorCollector(PickleBudget budget) => _budget = budget;

    /// <summary>Returns the tensors in the order of the dictionaries.</summary>
    /// <param name="value">Value of the pickle.</param>
    /// <param name="budget">Memory that the list may take.</param>
    /// <exception cref="PickleException"><paramref name="value"/> is not a dictionary or exceeds the limits.</exception>
    public static IReadOnlyList<CollectedTensor> Collect(object? value, PickleBudget budget)
    {
        var collector = new TensorCollector(budget);
        collector.Collect(value as PickleDictionary ?? throw new PickleException("it contains no dictionary of tensors"), "", 0);
        return collector._found;
    }

    private void Collect(PickleDictionary dictionary, string container, int depth)
    {
        // If a key is repeated, Python uses the later item.
        var items = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, item) in dictionary.Items)
        {
            if (++_entries > MaxEntries)
            {
                throw new PickleException($"its dictionaries have more than {MaxEntries} entries");
            }

            if (key is string name)
            {
                _budget.Take(PickleBudget.Container);
                items[name] = item;
            }
        }

        foreach (var (name, item) in items)
        {
            if (item is not (TorchTensor or PickleDictionary))
            {
                continue;
            }

            var path = _budget.Name(container.Length == 0 ? name : $"{container}.{name}");
            if (item is TorchTensor tensor)
            {
                // The entries of the two indexes that follow.
                _budget.Take(4 * PickleBudget.Container);
                _found.Add(new CollectedTensor(path, container, tensor));
            }
            else if (item is PickleDictionary inner && depth < MaxDepth)
            {
                Collect(inner, path, depth + 1);
            }
        }
    }
}
