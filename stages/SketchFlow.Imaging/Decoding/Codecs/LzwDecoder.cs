namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Decodes the LZW codes of GIF (least significant bit first) and TIFF (most significant bit first, wider codes one entry earlier).</summary>
internal ref struct LzwDecoder
{
    private const int MostCodes = 4096;
    private const int MostBits = 12;

    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _isTiff;
    private int _at;
    private uint _held;
    private int _count;

    private LzwDecoder(ReadOnlySpan<byte> data, bool isTiff)
    {
        _data = data;
        _isTiff = isTiff;
    }

    /// <summary>Decodes until the output is full, the codes end or one is invalid.</summary>
    /// <param name="data">The codes.</param>
    /// <param name="output">Receives the symbols.</param>
    /// <param name="symbolBits">Bits per symbol, 1 to 8.</param>
    /// <param name="isTiff">Whether the codes are a TIFF's.</param>
    /// <returns>The number of symbols.</returns>
    public static int Decode(ReadOnlySpan<byte> data, Span<byte> output, int symbolBits, bool isTiff) =>
        new LzwDecoder(data, isTiff).Run(output, symbolBits);

    private int Run(Span<byte> output, int symbolBits)
    {
        // Each code is an earlier code and one symbol more.
        Span<ushort> prefixes = stackalloc ushort[MostCodes];
        Span<ushort> lengths = stackalloc ushort[MostCodes];
        Span<byte> firsts = stackalloc byte[MostCodes];
        Span<byte> lasts = stackalloc byte[MostCodes];
        var clear = 1 << symbolBits;
        for (var i = 0; i < clear; i++)
        {
            (lengths[i], firsts[i], lasts[i]) = (1, (byte)i, (byte)i);
        }

        var early = _isTiff ? 1 : 0;
        var (next, width, previous, written) = (clear + 2, symbolBits + 1, -1, 0);
        while (written < output.Length && TryRead(width, out var code) && code != clear + 1)
        {
            if (code == clear)
            {
                (next, width, previous) = (clear + 2, symbolBits + 1, -1);
                continue;
            }

            if (code > next || (code == next && previous < 0))
            {
                break;
            }

            if (previous >= 0 && next < MostCodes)
            {
                prefixes[next] = (ushort)previous;
                lengths[next] = (ushort)(lengths[previous] + 1);
                firsts[next] = firsts[previous];
                lasts[next] = code == next ? firsts[previous] : firsts[code];
                next++;
            }

            // A string that is longer than the rest of the output is cut.
            var length = lengths[code];
            for (int i = length - 1, c = code; i >= 0; i--, c = prefixes[c])
            {
                if (written + i < output.Length)
                {
                    output[written + i] = lasts[c];
                }
            }

            written = Math.Min(written + length, output.Length);
            previous = code;
            if (next + early == 1 << width && width < MostBits)
            {
                width++;
            }
        }

        return written;
    }

    private bool TryRead(int width, out int code)
    {
        while (_count < width)
        {
            if (_at >= _data.Length)
            {
                code = 0;
                return false;
            }

            _held = _isTiff ? _held << 8 | _data[_at] : _held | (uint)_data[_at] << _count;
            _at++;
            _count += 8;
        }

        var mask = (1u << width) - 1;
        _count -= width;
        code = (int)(_isTiff ? _held >> _count & mask : _held & mask);
        _held = _isTiff ? _held : _held >> width;
        return true;
    }
}
