using System.Globalization;
using SketchFlow.Data.Messages;

namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>An image on a map.</summary>
/// <param name="X">Horizontal coordinate, -1 to 1.</param>
/// <param name="Y">Vertical coordinate, -1 to 1.</param>
/// <param name="Class">Number of the class in the list of the map.</param>
/// <param name="Neighbours">Numbers of the nearest images in the list of the map, the nearest first.</param>
/// <param name="Name">Path and split of the image.</param>
public sealed record ScatterPoint(double X, double Y, int Class, IReadOnlyList<int> Neighbours, string Name)
{
    /// <summary>The point as one line of fields with tabs between them, the form that the script reads.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture, $"{X:0.####}\t{Y:0.####}\t{Class}\t{string.Join(',', Neighbours)}\t{PrintableText.Line(Name)}");
}
