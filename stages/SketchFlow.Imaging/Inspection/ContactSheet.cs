using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Imaging.Inspection;

/// <summary>Draws images in rows and columns with a line of text under each, to inspect a recipe by eye.</summary>
public static class ContactSheet
{
    private const int Margin = 8;
    private const int Gap = 20;
    private const int TextHeight = 16;
    private const double LetterScale = 0.36;
    private const double SmallestScale = 0.24;

    /// <summary>Draws rows of cells on white.</summary>
    /// <param name="rows">Text (ASCII; scaled down and finally cut to fit the cell) and image of each cell; the caller keeps ownership of the images.</param>
    /// <param name="side">Side of the square to which images are letterboxed, pixels.</param>
    /// <param name="bands">Number of blocks side by side over which the rows are distributed, in order.</param>
    /// <returns>An image of three channels, which the caller owns.</returns>
    /// <exception cref="ArgumentException">There are no cells.</exception>
    public static Pixels Draw(IReadOnlyList<IReadOnlyList<(string Text, Pixels Image)>> rows, int side, int bands = 1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.All(r => r.Count == 0))
        {
            throw new ArgumentException("A contact sheet needs at least one image.", nameof(rows));
        }

        var (cellWidth, cellHeight) = (side + Margin, side + TextHeight + Margin);
        var (inBand, bandWidth) = ((rows.Count + bands - 1) / bands, rows.Max(r => r.Count) * cellWidth);
        bands = (rows.Count + inBand - 1) / inBand;
        var sheet = Pixels.Rent(
            rows.First(r => r.Count > 0)[0].Image.Sample, (bands * bandWidth) + ((bands - 1) * Gap) + Margin, (inBand * cellHeight) + Margin, 3);
        sheet.Bytes.Fill(255);
        using var view = MatView.Over(sheet);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                var (text, image) = rows[row][column];
                var (left, top) = (Margin + (row / inBand * (bandWidth + Gap)) + (column * cellWidth), Margin + (row % inBand * cellHeight));
                Place(image, view.Mat, new Rect(left, top, side, side));
                Cv2.Rectangle(view.Mat, new Rect(left - 1, top - 1, side + 2, side + 2), Scalar.All(210));
                using var strip = new Mat(view.Mat, new Rect(left, top + side + 1, side, TextHeight - 1));

                // Long names are scaled down to the smallest legible size; longer ones are cut off.
                var width = Cv2.GetTextSize(text, HersheyFonts.HersheySimplex, LetterScale, 1, out _).Width;
                var scale = Math.Max(SmallestScale, LetterScale * Math.Min(1, (side - 1.0) / Math.Max(1, width)));
                Cv2.PutText(strip, text, new Point(0, TextHeight - 5), HersheyFonts.HersheySimplex, scale, Scalar.All(40), 1, LineTypes.AntiAlias);
            }
        }

        return sheet;
    }

    /// <summary>Returns the smallest number of blocks side by side for which the sheet is at most 1.4 times as tall as wide.</summary>
    /// <param name="rows">Total number of rows.</param>
    /// <param name="cells">Number of cells per row.</param>
    /// <param name="side">Side of an image, pixels.</param>
    public static int BandCount(int rows, int cells, int side)
    {
        var bands = 1;
        while (bands < rows && (rows + bands - 1) / bands * (side + TextHeight + Margin) > 1.4 * bands * cells * (side + Margin))
        {
            bands++;
        }

        return bands;
    }

    private static void Place(Pixels image, Mat sheet, Rect place)
    {
        using var small = PadResize.Letterbox(image, place.Width);
        using var source = MatView.Over(small);
        using var target = new Mat(sheet, place);
        if (small.Channels == 1)
        {
            Cv2.CvtColor(source.Mat, target, ColorConversionCodes.GRAY2BGR);
        }
        else
        {
            source.Mat.CopyTo(target);
        }
    }
}
