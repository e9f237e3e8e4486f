namespace SketchFlow.Fuzz.Formats;

/// <summary>Parquet: pages with headers in Thrift's compact protocol, and a footer whose length is at the end.</summary>
/// <remarks>Numbers of the compact protocol are varints of one byte in small files, so that each byte of the footer and of the first headers is one.</remarks>
public sealed class ParquetParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        if (input.Length < 12)
        {
            return [];
        }

        var length = BitConverter.ToInt32(input, input.Length - 8);
        var start = length < 0 || length > input.Length - 12 ? Math.Min(input.Length / 2, input.Length - 8) : input.Length - 8 - length;
        return
        [
            Part.Number(input.Length - 8, 4), Part.Section(start, input.Length - 8), Part.Section(4, start),
            .. Enumerable.Range(start, input.Length - 8 - start).Select(at => Part.Number(at, 1)),
            .. Enumerable.Range(4, Math.Min(80, Math.Max(0, start - 4))).Select(at => Part.Number(at, 1)),
        ];
    }

    /// <summary>Sets the length of the footer to the distance from its usual beginning.</summary>
    public override byte[] Seal(byte[] input)
    {
        // A footer begins with its version: field 1, an i32.
        var start = input.Length < 12 ? -1 : input.AsSpan(0, input.Length - 8).LastIndexOf((ReadOnlySpan<byte>)[0x15, 0x04, 0x19]);
        if (start < 4)
        {
            return input;
        }

        var result = (byte[])input.Clone();
        BitConverter.TryWriteBytes(result.AsSpan(result.Length - 8), result.Length - 8 - start);
        "PAR1"u8.CopyTo(result.AsSpan(result.Length - 4));
        return result;
    }
}
