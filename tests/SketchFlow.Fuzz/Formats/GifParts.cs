namespace SketchFlow.Fuzz.Formats;

/// <summary>GIF: a screen, extensions and frames of blocks.</summary>
public sealed class GifParts : InputFormat
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        if (input.Length < 13)
        {
            return [];
        }

        var parts = new List<Part> { Part.Number(6, 2), Part.Number(8, 2), Part.Number(10, 1), Part.Number(11, 1) };
        var at = 13 + ((input[10] & 0x80) != 0 ? 3 << ((input[10] & 7) + 1) : 0);
        while (at + 2 < input.Length && input[at] is 0x21 or 0x2C)
        {
            var start = at;
            if (input[at] == 0x2C)
            {
                if (at + 10 >= input.Length)
                {
                    break;
                }

                for (var field = 1; field < 9; field += 2)
                {
                    parts.Add(Part.Number(at + field, 2));
                }

                parts.Add(Part.Number(at + 9, 1));
                at += 10 + ((input[at + 9] & 0x80) != 0 ? 3 << ((input[at + 9] & 7) + 1) : 0);
            }
            else
            {
                at++;
            }

            if (at < input.Length)
            {
                parts.Add(Part.Number(at, 1));
            }

            at++;
            while (at < input.Length && input[at] != 0)
            {
                parts.Add(Part.Number(at, 1));
                at += input[at] + 1;
            }

            at = Math.Min(at + 1, input.Length);
            parts.Add(Part.Section(start, at));
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        var frames = FindParts(input).Where(p => p.Kind == PartKind.Section).ToArray();
        if (frames.Length == 0 || input.Length > 5000)
        {
            return input;
        }

        var frame = frames[random.Next(frames.Length)];
        var repeated = Enumerable.Repeat(input[frame.Start..frame.End], random.Next(2, 2000)).SelectMany(b => b).ToArray();
        return Replace(input, frame.End, 0, repeated);
    }
}
