namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Reads Python's pickle format as far as plain containers need it, protocols 0 to 5 (CPython's <c>Lib/pickletools.py</c>). Nothing is
/// executed: a global remains a name until the <see cref="PickleResolver"/> returns an object for it, and it knows a fixed set of names.
/// </summary>
/// <remarks>
/// Written by hand, because a general pickle library would create any object that a file names, and a checkpoint from the internet must not run code.
/// <para>
/// Values are null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <c>byte[]</c>, <c>object?[]</c>
/// (a tuple), <see cref="List{T}"/> (a list or set), <see cref="PickleDictionary"/>, <see cref="PickleGlobal"/>, and the resolver's objects.
/// </para>
/// </remarks>
internal sealed class PickleMachine
{
    private const int HighestProtocol = 5;

    private readonly PickleReader _reader;
    private readonly PickleResolver _resolver;
    private readonly PickleStack _stack;
    private readonly Dictionary<long, object?> _memo = [];

    private readonly PickleBudget _budget;

    private PickleMachine(byte[] bytes, PickleResolver resolver, PickleBudget budget)
    {
        _reader = new PickleReader(bytes);
        (_resolver, _budget) = (resolver, budget);
        _stack = new PickleStack(_reader, budget);
    }

    /// <summary>Reads one value from <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The pickle.</param>
    /// <param name="resolver">The objects that the pickle may refer to by name.</param>
    /// <param name="budget">Memory that the values may take.</param>
    /// <exception cref="PickleException">
    /// The bytes are not a pickle, need an opcode or a name that is not supported, or make more values than the budget allows.
    /// </exception>
    public static object? Read(byte[] bytes, PickleResolver resolver, PickleBudget budget) => new PickleMachine(bytes, resolver, budget).Run();

    private object? Run()
    {
        while (true)
        {
            var start = _reader.Position;
            var opcode = _reader.Opcode();
            if (opcode == PickleOpcode.Stop)
            {
                return Stop();
            }

            if (!(TryControl(opcode) || TryScalar(opcode) || TryText(opcode) || TrySequence(opcode) || TryDictionary(opcode)
                || TryObject(opcode) || TryMemo(opcode)))
            {
                throw new PickleException($"the opcode 0x{(int)opcode:X2} at byte {start} of its pickle is refused: tensors and containers do not need it");
            }
        }
    }

    private object? Stop()
    {
        var value = _stack.Pop();
        return _stack.Count == 0 ? value : throw new PickleException("its pickle ends with more than one value");
    }

    // Each of these methods executes the opcodes of one group and returns false for all others.
    private bool TryControl(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: CheckProtocol(_reader.Byte()); break;
            case PickleOpcode.Frame: _reader.Frame(); break;
            case PickleOpcode.Mark: _stack.PushMark(); break;
            case PickleOpcode.Pop: _stack.Pop(); break;
            case PickleOpcode.PopMark: _stack.PopToMark(); break;
            case PickleOpcode.Dup: _stack.Push(_stack.Peek()); break;
            default: return false;
        }

        return true;
    }

    private bool TryScalar(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None: _stack.Push(null); break;
            case PickleOpcode.NewTrue: _stack.Push(true); break;
            case PickleOpcode.NewFalse: _stack.Push(false); break;
            case PickleOpcode.Int: _stack.Push(_reader.IntegerLine()); break;
            case PickleOpcode.Long: _stack.Push(_reader.LongLine()); break;
            case PickleOpcode.BinInt: _stack.Push((long)_reader.Int32()); break;
            case PickleOpcode.BinInt1: _stack.Push((long)_reader.Byte()); break;
            case PickleOpcode.BinInt2: _stack.Push((long)_reader.UInt16()); break;
            case PickleOpcode.Long1: _stack.Push(PickleReader.BigInteger(_reader.Bytes1())); break;
            case PickleOpcode.Long4: _stack.Push(PickleReader.BigInteger(_reader.Bytes4())); break;
            case PickleOpcode.Float: _stack.Push(_reader.NumberLine()); break;
            case PickleOpcode.BinFloat: _stack.Push(_reader.Float64()); break;
            default: return false;
        }

        return true;
    }

    private bool TryText(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.BinUnicode or PickleOpcode.BinString: _stack.Push(Text(_reader.Bytes4())); break;
            case PickleOpcode.ShortBinUnicode or PickleOpcode.ShortBinString: _stack.Push(Text(_reader.Bytes1())); break;
            case PickleOpcode.BinUnicode8: _stack.Push(Text(_reader.Bytes8())); break;
            case PickleOpcode.BinBytes: _stack.Push(Copy(_reader.Bytes4())); break;
            case PickleOpcode.ShortBinBytes: _stack.Push(Copy(_reader.Bytes1())); break;
            case PickleOpcode.BinBytes8: _stack.Push(Copy(_reader.Bytes8())); break;
            default: return false;
        }

        return true;
    }

    private bool TrySequence(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyTuple: _stack.Push(Array.Empty<object?>()); break;
            case PickleOpcode.Tuple: _stack.Push(_stack.PopToMark()); break;
            case PickleOpcode.Tuple1: _stack.Push(_stack.Pop(1)); break;
            case PickleOpcode.Tuple2: _stack.Push(_stack.Pop(2)); break;
            case PickleOpcode.Tuple3: _stack.Push(_stack.Pop(3)); break;
            case PickleOpcode.EmptyList or PickleOpcode.EmptySet: _stack.Push(NewList([])); break;
            case PickleOpcode.List or PickleOpcode.FrozenSet: _stack.Push(NewList(_stack.PopToMark())); break;
            case PickleOpcode.Append: Append(_stack.Pop(1)); break;
            case PickleOpcode.Appends or PickleOpcode.AddItems: Append(_stack.PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool TryDictionary(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyDict: _stack.Push(NewDictionary()); break;
            case PickleOpcode.Dict:
                var pairs = _stack.PopToMark();
                _stack.Push(NewDictionary());
                SetItems(pairs);
                break;
            case PickleOpcode.SetItem: SetItems(_stack.Pop(2)); break;
            case PickleOpcode.SetItems: SetItems(_stack.PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool TryObject(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Global: _stack.Push(FindGlobal([_reader.Line(), _reader.Line()])); break;
            case PickleOpcode.StackGlobal: _stack.Push(FindGlobal(_stack.Pop(2))); break;

            // The known classes are created in the same way as by their functions.
            case PickleOpcode.Reduce or PickleOpcode.NewObj: Call(_stack.Pop(2)); break;
            case PickleOpcode.Build: Build(_stack.Pop(2)); break;
            case PickleOpcode.BinPersId: _stack.Push(_resolver.LoadPersistent(_stack.Pop())); break;
            default: return false;
        }

        return true;
    }

    private bool TryMemo(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Put: Memorize(_reader.IntegerLine()); break;
            case PickleOpcode.BinPut: Memorize(_reader.Byte()); break;
            case PickleOpcode.LongBinPut: Memorize(_reader.UInt32()); break;
            case PickleOpcode.Memoize: Memorize(_memo.Count); break;
            case PickleOpcode.Get: _stack.Push(Recall(_reader.IntegerLine())); break;
            case PickleOpcode.BinGet: _stack.Push(Recall(_reader.Byte())); break;
            case PickleOpcode.LongBinGet: _stack.Push(Recall(_reader.UInt32())); break;
            default: return false;
        }

        return true;
    }

    private static void CheckProtocol(byte version)
    {
        if (version > HighestProtocol)
        {
            throw new PickleException($"its pickle has protocol {version}, expected 0 to {HighestProtocol}");
        }
    }

    private void Append(object?[] values)
    {
        var list = _stack.Peek() as List<object?>
            ?? throw new PickleException($"its pickle appends to an object that is not a list, before byte {_reader.Position}");
        _budget.Take(PickleBudget.Item * (long)values.Length);
        list.AddRange(values);
    }

    private void SetItems(object?[] pairs)
    {
        if (_stack.Peek() is not PickleDictionary dictionary || pairs.Length % 2 != 0)
        {
            throw new PickleException($"its pickle sets items of an object that is not a dictionary, before byte {_reader.Position}");
        }

        _budget.Take(PickleBudget.Item * (long)pairs.Length);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            dictionary.Items.Add((pairs[i], pairs[i + 1]));
        }
    }

    private object? FindGlobal(object?[] names) => names is [string module, string name]
        ? _resolver.Find(new PickleGlobal(_budget.Name(module), _budget.Name(name)))
        : throw new PickleException($"its pickle names a global by values that are not text, before byte {_reader.Position}");

    private void Call(object?[] call) => _stack.Push(call[1] is object?[] arguments
        ? _resolver.Call(call[0], arguments)
        : throw new PickleException($"its pickle calls {PickleGlobal.Describe(call[0])} without a tuple of arguments"));

    private void Build(object?[] pair)
    {
        _resolver.SetState(pair[0], pair[1]);
        _stack.Push(pair[0]);
    }

    private void Memorize(long key)
    {
        _budget.Take(PickleBudget.Container);
        _memo[key] = _stack.Peek();
    }

    private string Text(ReadOnlySpan<byte> utf8)
    {
        _budget.Take(PickleBudget.Container + (2L * utf8.Length));
        return PickleReader.Text(utf8);
    }

    private byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        _budget.Take(PickleBudget.Container + bytes.Length);
        return bytes.ToArray();
    }

    private List<object?> NewList(object?[] values)
    {
        _budget.Take(PickleBudget.Container + (PickleBudget.Item * (long)values.Length));
        return [.. values];
    }

    private PickleDictionary NewDictionary()
    {
        _budget.Take(2 * PickleBudget.Container);
        return new PickleDictionary();
    }

    private object? Recall(long key) => _memo.TryGetValue(key, out var value)
        ? value
        : throw new PickleException($"its pickle reads memo entry {key}, which was not written, before byte {_reader.Position}");
}
