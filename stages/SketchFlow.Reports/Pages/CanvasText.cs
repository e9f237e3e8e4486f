using System.Globalization;
using SketchFlow.Reports.Fonts;
using SkiaSharp;
using SkiaSharp.HarfBuzz;

namespace SketchFlow.Reports.Pages;

/// <summary>Writes text on a canvas.</summary>
/// <param name="canvas">The canvas.</param>
/// <param name="chosen">Font that was chosen for the texts.</param>
/// <param name="ink">Colour of the text.</param>
internal sealed class CanvasText(SKCanvas canvas, TextFont chosen, SKPaint ink)
{
    /// <summary>Draws a line of text, shortened to a width.</summary>
    /// <param name="text">The text.</param>
    /// <param name="x">Left end.</param>
    /// <param name="y">Height of the base line.</param>
    /// <param name="font">Typeface and size.</param>
    /// <param name="width">Largest width in pixels.</param>
    public void Draw(string text, float x, float y, SKFont font, float width = float.MaxValue)
    {
        var line = Shorten(chosen.Fit(text), font, width);
        if (line.EnumerateRunes().Any(r => TextFont.NeedsShaping(r.Value)))
        {
            canvas.DrawShapedText(line, x, y, font, ink);
        }
        else
        {
            canvas.DrawText(line, x, y, SKTextAlign.Left, font, ink);
        }
    }

    private static string Shorten(string text, SKFont font, float width)
    {
        if (font.MeasureText(text) <= width)
        {
            return text;
        }

        var length = StringInfo.ParseCombiningCharacters(text).Length;
        while (length > 1 && font.MeasureText(TextFont.Shorten(text, length)) > width)
        {
            length--;
        }

        return TextFont.Shorten(text, length);
    }
}
