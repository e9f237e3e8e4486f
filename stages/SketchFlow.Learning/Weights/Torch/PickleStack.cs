namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The stack of a pickle machine: values and marks. Reading a value or mark that does not exist is an error.</summary>
/// <param name="reader">The reader whose position is reported with errors.</param>
/// <param name="budget">Memory that the values may take.</param>
internal sealed class PickleStack(PickleReader reader, PickleBudget budget)
{
    private static readonly object _mark = new();
    private readonly List<object?> _values = [];

    /// <summary>Number of values and marks.</summary>
    public int Count => _values.Count;

    /// <summary>Pushes a value.</summary>
    public void Push(object? value)
    {
        budget.Take(PickleBudget.Value);
        _values.Add(value);
    }

    /// <summary>Pushes a mark.</summary>
    public void PushMark() => Push(_mark);

    /// <summary>Returns the topmost value and leaves it on the stack.</summary>
    public object? Peek()
    {
        if (_values.Count == 0 || ReferenceEquals(_values[^1], _mark))
        {
            throw new PickleException($"its pickle reads a value from an empty stack, before byte {reader.Position}");
        }

        return _values[^1];
    }

    /// <summary>Returns and removes the topmost value.</summary>
    public object? Pop()
    {
        var value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>Returns and removes the topmost values, in the order in which they were pushed.</summary>
    public object?[] Pop(int count)
    {
        budget.Take(PickleBudget.Container + (PickleBudget.Item * (long)count));
        var values = new object?[count];
        while (count > 0)
        {
            values[--count] = Pop();
        }

        return values;
    }

    /// <summary>Returns and removes the values above the topmost mark, and removes the mark.</summary>
    public object?[] PopToMark()
    {
        var mark = _values.LastIndexOf(_mark);
        if (mark < 0)
        {
            throw new PickleException($"its pickle reads values up to a mark that does not exist, before byte {reader.Position}");
        }

        budget.Take(PickleBudget.Container + (PickleBudget.Item * (long)(_values.Count - mark)));
        object?[] values = [.. _values[(mark + 1)..]];
        _values.RemoveRange(mark, _values.Count - mark);
        return values;
    }
}
