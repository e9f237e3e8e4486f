namespace SketchFlow.Fuzz.Formats;

/// <summary>Tar archives: blocks of 512 bytes; headers have a checksum of their own.</summary>
public sealed class TarParts : InputFormat
{
    private const int Block = 512;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words => ["0", "7777777", "77777777777", "-1", "../../x", "/etc/passwd", "L", "K", "x", "g", "1", "2", "5"];

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>();
        for (var at = 0; at + Block <= input.Length; at += Block)
        {
            parts.Add(Part.Section(at, at + Block));
            if (input.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
            {
                parts.AddRange(
                [
                    new Part(at, 10, PartKind.Word), new Part(at + 124, 11, PartKind.Word), new Part(at + 156, 1, PartKind.Word), Part.Number(at + 124, 8),
                    Part.Number(at + 128, 8),
                ]);
            }
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Seal(byte[] input)
    {
        var result = (byte[])input.Clone();
        for (var at = 0; at + Block <= result.Length; at += Block)
        {
            var header = result.AsSpan(at, Block);
            if (header.Slice(257, 5).SequenceEqual("ustar"u8))
            {
                header.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var one in header)
                {
                    sum += one;
                }

                System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header[148..]);
            }
        }

        return result;
    }
}
