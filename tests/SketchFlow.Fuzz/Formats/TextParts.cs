namespace SketchFlow.Fuzz.Formats;

/// <summary>Texts: lines are sections; numbers, names and quoted values are words.</summary>
public class TextParts : InputFormat
{
    private static readonly string[] _words =
    [
        "null", "~", "true", "false", "0", "-0", "-1", "1", "2147483647", "2147483648", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809",
        "1e308", "1e999", "-1e308", "1e-320", "NaN", "nan", ".inf", "Infinity", "0.5", "3.0", "00", "0x10", "\"\"", "''", "[]", "{}", "[[]]",
        "{\"a\": 1}", "[1, 2]", "\"\\ud800\"",
        "\"\\u0000\"", "\u001b[31m", "é鳥", "\uFEFF", "../../x", "/etc/passwd",
        "a/b", "a\\b", ".", "..", "train", "val", "test", "image_path", "target", "class_name", "id",
        "epoch", "x", "X", ",", ";", "\t", ":", "\n", "\r\n", "\"", "'", "[", "]", "{", "}", "#", "&a ", "*a",
        "!!binary x", "|", ">", "- ", "---\n", "<<: *a",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words => _words;

    /// <inheritdoc/>
    public override IReadOnlyList<Part> FindParts(byte[] input)
    {
        var parts = new List<Part>();
        var (line, word) = (0, 0);
        for (var at = 0; at <= input.Length; at++)
        {
            var isEnd = at == input.Length;
            if (isEnd || !IsWord(input[at]))
            {
                if (at > word)
                {
                    parts.Add(new Part(word, at - word, PartKind.Word));
                }

                word = at + 1;
            }

            if ((isEnd || input[at] == (byte)'\n') && at > line)
            {
                var end = isEnd ? at : at + 1;
                parts.Add(Part.Section(line, end));
                line = end;
            }
        }

        return parts;
    }

    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        var parts = FindParts(input);
        if (parts.Count == 0)
        {
            return input;
        }

        var part = parts[random.Next(parts.Count)];
        var copies = random.Next(2, Math.Max(3, Math.Min(20_000, 200_000 / Math.Max(1, part.Length))));
        return Replace(input, part.Start, 0, Enumerable.Repeat(input[part.Start..part.End], copies).SelectMany(b => b).ToArray());
    }

    private static bool IsWord(byte c) => c is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9'
        or (byte)'_' or (byte)'-' or (byte)'.' or (byte)'+' or >= 0x80;
}
