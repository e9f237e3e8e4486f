using System.Buffers.Binary;

namespace SketchFlow.Fuzz.Formats;

/// <summary>JPEG: segments of marker and length, and an Exif block in one of them.</summary>
public sealed class JpegParts : InputFormat
{
    private static readonly TiffParts _exif = new();

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>();
        for (var at = 2; at + 4 <= input.Length && input[at] == 0xFF;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 2));
            if (length < 2 || at + 2 + length > input.Length)
            {
                break;
            }

            parts.Add(Part.Section(at, at + 2 + length));
            parts.Add(Part.Number(at + 1, 1));
            parts.Add(Part.Number(at + 2, 2));
            for (var byteAt = at + 4; byteAt < Math.Min(at + 2 + length, at + 24); byteAt++)
            {
                parts.Add(Part.Number(byteAt, 1));
            }

            if (input[at + 1] is >= 0xC0 and <= 0xCF && length >= 7)
            {
                parts.AddRange([Part.Number(at + 5, 2), Part.Number(at + 7, 2)]);
            }
            else if (input[at + 1] == 0xE1 && length > 16)
            {
                var block = input.AsSpan(at + 10, length - 8).ToArray();
                parts.AddRange(_exif.FindParts(block).Select(p => p with { Start = p.Start + at + 10 }));
            }

            if (input[at + 1] == 0xDA)
            {
                parts.Add(Part.Section(at, input.Length));
                break;
            }

            at += 2 + length;
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        // Many scans of a file, or many restarts and escapes, cost time for each pixel.
        var scan = FindParts(input).FirstOrDefault(p => p.Kind == PartKind.Section && p.End == input.Length && p.Length > 4);
        if (scan.Length == 0 || input.Length > 20_000)
        {
            return input;
        }

        var body = input.AsSpan(scan.Start, Math.Max(0, scan.Length - 2)).ToArray();
        return [.. input.AsSpan(0, scan.Start), .. Enumerable.Repeat(body, random.Next(2, 60)).SelectMany(b => b), 0xFF, 0xD9];
    }
}
