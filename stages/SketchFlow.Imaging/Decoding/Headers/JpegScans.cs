namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>The coefficients that the scans of a JPEG have sent with their last bit.</summary>
/// <param name="frame">Contents of the frame header.</param>
internal sealed class JpegScans(ReadOnlySpan<byte> frame)
{
    private readonly byte[] _names = Names(frame);
    private readonly ulong[] _sent = new ulong[Math.Min(frame[5], (frame.Length - 6) / 3)];

    /// <summary>Whether all 64 coefficients of all components were sent; true where components share a name, so that it is unknown.</summary>
    public bool IsComplete => _names.Distinct().Count() < _names.Length || _sent.AsSpan().IndexOfAnyExcept(ulong.MaxValue) < 0;

    /// <summary>Records a scan.</summary>
    /// <param name="scan">Contents of the scan header: components, first and last coefficient, bit positions.</param>
    public void Add(ReadOnlySpan<byte> scan)
    {
        if (scan.Length < 4 || scan.Length < (scan[0] * 2) + 4)
        {
            return;
        }

        var (first, last, low) = (scan[^3], Math.Min(scan[^2], (byte)63), scan[^1] & 15);
        for (var i = 0; low == 0 && first <= last && i < scan[0]; i++)
        {
            var component = Array.IndexOf(_names, scan[1 + (i * 2)]);
            if (component >= 0)
            {
                _sent[component] |= (ulong.MaxValue >> (63 - (last - first))) << first;
            }
        }
    }

    private static byte[] Names(ReadOnlySpan<byte> frame)
    {
        var names = new byte[Math.Min(frame[5], (frame.Length - 6) / 3)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = frame[6 + (i * 3)];
        }

        return names;
    }
}
