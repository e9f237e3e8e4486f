using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>Fits text into lines of the terminal.</summary>
internal static class TextWrap
{
    private const int LeastWidth = 60;
    private const int MostWidth = 110;

    /// <summary>Returns the number of columns for lists of text: those of the terminal within limits, 79 without one.</summary>
    public static int TerminalWidth() => Math.Clamp(new TerminalOutput(Console.Out, Console.IsOutputRedirected).Width - 1, LeastWidth, MostWidth);

    /// <summary>Breaks a text into lines between words; a longer word has a line of its own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Number of columns.</param>
    /// <returns>At least one line.</returns>
    public static IEnumerable<string> Lines(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    /// <summary>Returns the first clause of a text if it fits, or else as many words as fit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Number of columns.</param>
    public static string Shorten(string text, int width)
    {
        var clause = text.Split([". ", "; ", " - "], 2, StringSplitOptions.None)[0].TrimEnd('.');
        return clause.Length <= width ? clause : $"{Lines(clause, width - 2).First().TrimEnd(',', ';')} …";
    }
}
