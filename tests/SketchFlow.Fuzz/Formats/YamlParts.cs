using System.Globalization;
using System.Text;

namespace SketchFlow.Fuzz.Formats;

/// <summary>YAML: like texts; grows by aliases and nesting.</summary>
public sealed class YamlParts : TextParts
{
    /// <inheritdoc/>
    public override byte[] Grow(byte[] input, Random random)
    {
        var text = random.Next(5) switch
        {
            0 => Aliases(random.Next(2, 12), random.Next(2, 12)),
            1 => $"a: &a [{string.Concat(Enumerable.Repeat("[", random.Next(1, 5000)))}",
            2 => $"a: &a {{b: *a, c: [*a, *a]}}\n",
            3 => Ladder(random.Next(2, 2000)),
            _ => null,
        };
        return text is null ? base.Grow(input, random)
            : random.Next(2) == 0 ? [.. input, .. Encoding.UTF8.GetBytes("\n" + text)]
            : [.. Encoding.UTF8.GetBytes(text), .. input];
    }

    // Each level names the one before several times.
    private static string Aliases(int levels, int width)
    {
        var text = new StringBuilder("l0: &l0 x\n");
        for (var level = 1; level <= levels; level++)
        {
            var names = string.Join(", ", Enumerable.Repeat($"*l{level - 1}", width));
            text.Append(CultureInfo.InvariantCulture, $"l{level}: &l{level} [{names}]\n");
        }

        return text.ToString();
    }

    private static string Ladder(int depth) =>
        string.Concat(Enumerable.Range(0, depth).Select(i => new string(' ', Math.Min(i, 400)) + "a:\n"));
}
