using ScottPlot;
using SketchFlow.Reports.Fonts;
using SkiaSharp;

namespace SketchFlow.Reports.Plots;

/// <summary>Names of classes or models as labels of an axis, in one font that has their letters.</summary>
internal sealed class NameLabels
{
    private const int MaxLength = 20;
    private readonly TextFont _font;
    private readonly string[] _texts;

    /// <summary>Creates the labels.</summary>
    /// <param name="names">The names; one that no font can draw is shown as <paramref name="kind"/> and its number.</param>
    /// <param name="kind">Word for one named thing, such as class.</param>
    /// <param name="maxLength">Number of characters from which a name is shortened.</param>
    public NameLabels(IReadOnlyList<string> names, string kind = "class", int maxLength = MaxLength)
    {
        _font = ReportFonts.For(names);
        _texts = [.. names.Select((name, i) => TextFont.Shorten(_font.CanDraw(name) ? _font.Fit(name) : $"{kind} {i}", maxLength))];
    }

    /// <summary>Returns the width in pixels of the widest label.</summary>
    /// <param name="fontSize">Size of the font.</param>
    public float Width(float fontSize)
    {
        using var font = new SKFont(_font.Regular, fontSize);
        return _texts.Length == 0 ? 0 : _texts.Max(text => font.MeasureText(text));
    }

    /// <summary>Shows the labels on the horizontal axis, upright if they fit next to each other.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="positions">Position of each label on the axis, with the number of its name.</param>
    /// <param name="pitch">Distance in pixels between two labels.</param>
    /// <returns>Height in pixels of the labels.</returns>
    public float ShowBelow(Plot plot, IReadOnlyList<(double Position, int Name)> positions, float pitch)
    {
        var size = FontSize(pitch);
        var (width, isUpright) = (Width(size), Width(size) + 8 > pitch);
        var axis = plot.Axes.Bottom;
        Show(axis, positions, size);
        if (isUpright)
        {
            axis.TickLabelStyle.Rotation = -90;
            axis.TickLabelStyle.Alignment = Alignment.MiddleRight;
        }

        return isUpright ? width : size + 4;
    }

    /// <summary>Shows the labels on the vertical axis.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="positions">Position of each label on the axis, with the number of its name.</param>
    /// <param name="pitch">Distance in pixels between two labels.</param>
    /// <returns>Width in pixels of the labels.</returns>
    public float ShowLeft(Plot plot, IReadOnlyList<(double Position, int Name)> positions, float pitch)
    {
        Show(plot.Axes.Left, positions, FontSize(pitch));
        return Width(FontSize(pitch));
    }

    private void Show(IAxis axis, IReadOnlyList<(double Position, int Name)> positions, float fontSize)
    {
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. positions.Select(p => p.Position)], [.. positions.Select(p => _texts[p.Name])]);
        axis.TickLabelStyle.FontName = _font.Name;
        axis.TickLabelStyle.FontSize = fontSize;
    }

    private static float FontSize(float pitch) => Math.Clamp(pitch - 2, 10, 13);
}
