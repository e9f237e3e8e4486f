namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>Enough of Thrift's compact protocol for Parquet's headers and footers. What does not fit fails; nothing loops longer than its bytes.</summary>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    private const int DeepestStruct = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly Stack<int> _outer = new();
    private int _last;

    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public bool Field(out int field, out int kind)
    {
        (field, kind) = (0, 0);
        var header = Byte();
        if (Failed || header == 0)
        {
            return false;
        }

        kind = header & 0x0f;
        field = header >> 4 is var delta and > 0 ? _last + delta : (int)Zigzag(Varint());
        _last = field;
        return !Failed;
    }

    public bool Begin(int kind)
    {
        Failed |= kind != 12 || _outer.Count >= DeepestStruct;
        _outer.Push(_last);
        _last = 0;
        return !Failed;
    }

    public void End() => _last = _outer.Pop();

    /// <summary>A list's header; every element takes a byte at least, so a longer list than there are bytes fails.</summary>
    public bool List(out int count, out int kind)
    {
        var header = Byte();
        kind = header & 0x0f;
        var declared = header >> 4 is var few and < 15 ? (ulong)few : Varint();
        Failed |= declared > (ulong)(_bytes.Length - Position);
        count = Failed ? 0 : (int)declared;
        return !Failed;
    }

    public long Number(int kind)
    {
        Failed |= kind is not (4 or 5 or 6);
        return Failed ? -1 : Zigzag(Varint());
    }

    public void Skip(int kind)
    {
        switch (kind)
        {
            case 1 or 2: break;
            case 3: Byte(); break;
            case 4 or 5 or 6: Varint(); break;
            case 7: Move(8); break;
            case 8: Move((long)Math.Min(int.MaxValue, Varint())); break;
            case 12:
                if (Begin(kind))
                {
                    while (Field(out _, out var inner))
                    {
                        Skip(inner);
                    }
                }

                End();
                break;
            // Lists are walked by their owner; maps do not occur.
            default: Failed = true; break;
        }
    }

    private static long Zigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    private byte Byte()
    {
        if (Position >= _bytes.Length)
        {
            Failed = true;
            return 0;
        }

        return _bytes[Position++];
    }

    private void Move(long count)
    {
        Failed |= count > _bytes.Length - Position;
        Position += Failed ? 0 : (int)count;
    }
}
