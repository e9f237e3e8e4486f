using System.Globalization;
using System.Text;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>
/// Passes the bytes of a tar file on and refuses long names and attributes of more than a mebibyte, which .NET's reader would hold in memory
/// (POSIX.1-2017, pax: size at byte 124, type at byte 156 of each block of 512 bytes).
/// </summary>
/// <param name="tar">The tar file; disposed together with the guard.</param>
internal sealed class TarHeaderGuard(Stream tar) : Stream
{
    private const int Block = 512;
    private const long MaxAttributes = 1 << 20;

    private readonly byte[] _header = new byte[Block];
    private int _filled;
    private Int128 _data;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = tar.Read(buffer);
        for (var rest = buffer[..read]; !rest.IsEmpty;)
        {
            var part = (int)Int128.Min(rest.Length, _data > 0 ? _data : Block - _filled);
            if (_data > 0)
            {
                _data -= part;
            }
            else
            {
                rest[..part].CopyTo(_header.AsSpan(_filled));
                _filled += part;
                if (_filled == Block)
                {
                    CheckHeader();
                }
            }

            rest = rest[part..];
        }

        return read;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            tar.Dispose();
        }

        base.Dispose(disposing);
    }

    private void CheckHeader()
    {
        _filled = 0;
        var size = ReadSize(_header.AsSpan(124, 12));
        if (_header[156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K' && size > MaxAttributes)
        {
            throw new InvalidDataException($"a name or its attributes have {size} bytes, expected at most {MaxAttributes}");
        }

        _data = (size + Block - 1) / Block * Block;
    }

    // Octal digits, or a binary number where the first bit is set.
    private static Int128 ReadSize(ReadOnlySpan<byte> field)
    {
        Int128 size = 0;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var b in field[^8..])
            {
                size = (size << 8) | b;
            }

            return Int128.Min(size, long.MaxValue);
        }

        foreach (var c in Encoding.ASCII.GetString(field).Trim('\0', ' '))
        {
            if (c is < '0' or > '7')
            {
                return 0;
            }

            size = (size * 8) + CharUnicodeInfo.GetDecimalDigitValue(c);
        }

        return size;
    }
}
