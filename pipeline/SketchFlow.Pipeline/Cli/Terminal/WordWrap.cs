namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Breaks lines between words, never within one.</summary>
public static class WordWrap
{
    private const int Indent = 2;

    /// <summary>Breaks a line into lines of a width; those after the first are indented further. A word that is wider has a line of its own.</summary>
    /// <param name="line">The line, without line breaks.</param>
    /// <param name="width">Number of columns.</param>
    public static IReadOnlyList<string> Line(string line, int width)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (TerminalWidth.Of(line) <= width)
        {
            return [line];
        }

        var indent = line.Length - line.TrimStart(' ').Length;
        var further = new string(' ', Math.Min(indent + Indent, width / 2));
        return Fill(Words(line.TrimStart(' ')), width, line[..indent], further);
    }

    /// <summary>Breaks the text of a cell into lines of a width, without indentation.</summary>
    public static IReadOnlyList<string> Cell(string text, int width)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TerminalWidth.Of(text) <= width ? [text] : Fill(Words(text), width, "", "");
    }

    /// <summary>Returns the first clause of a text, without the full stop.</summary>
    public static string FirstClause(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split([". ", "; ", " - "], 2, StringSplitOptions.None)[0].TrimEnd('.');
    }

    /// <summary>Splits a text at its spaces; a percent sign stays with its number.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word[0] == '%' && words.Count > 0)
            {
                words[^1] += $" {word}";
            }
            else
            {
                words.Add(word);
            }
        }

        return words;
    }

    private static List<string> Fill(IReadOnlyList<string> words, int width, string start, string further)
    {
        var lines = new List<string>();
        var line = start;
        var isEmpty = true;
        foreach (var word in words)
        {
            if (!isEmpty && TerminalWidth.Of(line) + 1 + TerminalWidth.Of(word) > width)
            {
                lines.Add(line);
                (line, isEmpty) = (further, true);
            }

            line = isEmpty ? line + word : $"{line} {word}";
            isEmpty = false;
        }

        lines.Add(line);
        return lines;
    }
}
