using System.Text;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>NumPy arrays with a file of image paths.</summary>
public sealed class NpyTableReader() : ImportReader("npy-table", new NpyParts(), ".npy")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        float[] values = [.. Enumerable.Range(0, Rows * 3).Select(i => SmallTable.Logit(i / 3, i % 3))];
        yield return Npy("<f4", [.. values.SelectMany(BitConverter.GetBytes)]);
        yield return Npy("<f8", [.. values.SelectMany(v => BitConverter.GetBytes((double)v))]);
    }

    private static byte[] Npy(string type, byte[] data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({Rows}, 3), }}";
        header = header.PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. data];
    }
}
