using System.Globalization;
using Spectre.Console.Rendering;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>The number of columns that output may use, and that texts take.</summary>
public static class TerminalWidth
{
    // Narrower values of COLUMNS are ignored.
    private const int Least = 20;
    private const int Usual = 80;

    private const int LeastOfLists = 60;
    private const int MostOfLists = 110;

    /// <summary>Returns the width of a stream: that of COLUMNS if it is set, else that of the terminal; null, no limit, for a file or a pipe.</summary>
    /// <param name="redirected">Whether the stream is a file or a pipe.</param>
    public static int? Of(bool redirected) =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns >= Least
            ? columns
            : redirected ? null : OfConsole();

    /// <summary>Returns the width of lists of text: that of COLUMNS or of the terminal within limits that are easy to read, 79 without one.</summary>
    public static int OfLists() => Math.Clamp((Of(redirected: true) ?? OfConsole()) - 1, LeastOfLists, MostOfLists);

    /// <summary>Returns the number of columns that a text takes on a terminal; a wide character takes two.</summary>
    public static int Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.All(char.IsAscii) ? text.Length : new Segment(text).CellCount();
    }

    /// <summary>Cuts a text to a number of columns, with an ellipsis at the cut.</summary>
    public static string Cut(string text, int columns)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Of(text) <= columns)
        {
            return text;
        }

        var end = text.Length;
        while (end > 0 && Of(text[..end]) >= columns)
        {
            end -= end > 1 && char.IsLowSurrogate(text[end - 1]) ? 2 : 1;
        }

        return $"{text[..end].TrimEnd()}…";
    }

    /// <summary>Returns the width of the terminal; 80 without one.</summary>
    internal static int OfConsole()
    {
        try
        {
            return Console.BufferWidth is > 0 and var width ? width : Usual;
        }
        catch (IOException)
        {
            return Usual;
        }
    }
}
