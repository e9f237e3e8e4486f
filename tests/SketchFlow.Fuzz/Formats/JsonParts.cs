using System.Text;

namespace SketchFlow.Fuzz.Formats;

/// <summary>JSON: like texts, and quoted strings and members are sections; grows by nesting.</summary>
public sealed class JsonParts : TextParts
{
    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>(base.FindParts(input));
        var (start, quote) = (0, -1);
        for (var at = 0; at < input.Length; at++)
        {
            if (input[at] == (byte)'"' && (at == 0 || input[at - 1] != (byte)'\\'))
            {
                if (quote >= 0)
                {
                    parts.Add(new Part(quote, at + 1 - quote, PartKind.Word));
                }

                quote = quote >= 0 ? -1 : at;
            }
            else if (input[at] is (byte)',' or (byte)'{' or (byte)'[' or (byte)'}' or (byte)']')
            {
                if (at - start > 2)
                {
                    parts.Add(Part.Section(start, at));
                }

                start = input[at] == (byte)',' ? at : at + 1;
            }
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        var words = FindParts(input).Where(p => p.Kind == PartKind.Word).ToArray();
        if (words.Length == 0 || random.Next(2) == 0)
        {
            return base.Grow(input, random);
        }

        var word = words[random.Next(words.Length)];
        var depth = random.Next(2, 20_000);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        var nested = string.Concat(Enumerable.Repeat(open, depth)) + "1" + (random.Next(3) == 0 ? "" : string.Concat(Enumerable.Repeat(close, depth)));
        return Replace(input, word.Start, word.Length, Encoding.ASCII.GetBytes(nested));
    }
}
