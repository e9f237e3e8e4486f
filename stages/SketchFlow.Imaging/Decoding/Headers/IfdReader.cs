using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads tags from the first directory (IFD) of a TIFF or EXIF structure; never reads past its end.</summary>
internal readonly ref struct IfdReader
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly bool _little;
    private readonly bool _big;
    private readonly int _first;
    private readonly int _count;

    public IfdReader(ReadOnlySpan<byte> file)
    {
        _file = file;
        if (file.Length < 8 || !(file.StartsWith("II"u8) || file.StartsWith("MM"u8)))
        {
            return;
        }

        _little = file[0] == 'I';
        var magic = Short(2);
        _big = magic == 43;
        IsTiff = magic is 42 or 43;
        if (!IsTiff || (_big && file.Length < 16))
        {
            return;
        }

        var at = _big ? Long8(8) : Long(4);
        var counted = _big ? 8UL : 2UL;
        if (at > int.MaxValue || at + counted > (ulong)file.Length)
        {
            return;
        }

        var count = _big ? Long8((int)at) : Short((int)at);
        var size = _big ? 20UL : 12UL;
        _first = (int)(at + counted);
        IsWhole = count < 65_536 && (ulong)_first + (count * size) <= (ulong)file.Length;
        _count = IsWhole ? (int)count : 0;
    }

    /// <summary>Whether the bytes start with a TIFF or BigTIFF header.</summary>
    public bool IsTiff { get; }

    /// <summary>Whether numbers have their low byte first.</summary>
    public bool IsLittleEndian => _little;

    /// <summary>Whether the whole directory is inside the file.</summary>
    public bool IsWhole { get; }

    /// <summary>Returns the first value of an integer tag; null where the tag is absent.</summary>
    public ulong? Find(ushort tag) => FindAll(tag) is { Count: > 0 } values ? At(values, 0) : null;

    /// <summary>Finds the values of an integer tag; null where the tag is absent, of another type or not inside the file.</summary>
    public IfdValues? FindAll(ushort tag)
    {
        var size = _big ? 20 : 12;
        for (var i = 0; i < _count; i++)
        {
            var at = _first + (i * size);
            if (Short(at) != tag)
            {
                continue;
            }

            var type = Short(at + 2);
            if (type is not (1 or 3 or 4 or 16))
            {
                return null;
            }

            var count = _big ? Long8(at + 4) : Long(at + 4);
            var offset = (ulong)at + (_big ? 12u : 8u);
            var width = IfdValues.WidthOf(type);

            // Values that do not fit into the entry are stored at an offset.
            if (count > (_big ? 8u : 4u) / width)
            {
                offset = _big ? Long8((int)offset) : Long((int)offset);
            }

            // A table that ends early is as long as the file allows.
            var inside = offset <= (ulong)_file.Length ? ((ulong)_file.Length - offset) / width : 0;
            return inside == 0 ? null : new IfdValues((int)offset, type, (int)Math.Min(count, inside));
        }

        return null;
    }

    /// <summary>Returns one value of a tag.</summary>
    public ulong At(IfdValues values, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, values.Count);
        var at = values.Offset + (index * (int)IfdValues.WidthOf(values.Type));
        return values.Type switch { 1 => _file[at], 3 => Short(at), 4 => Long(at), _ => Long8(at) };
    }

    private ushort Short(int at) => _little ? BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt16BigEndian(_file[at..]);

    private uint Long(int at) => _little ? BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(_file[at..]);

    private ulong Long8(int at) => _little ? BinaryPrimitives.ReadUInt64LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt64BigEndian(_file[at..]);
}
