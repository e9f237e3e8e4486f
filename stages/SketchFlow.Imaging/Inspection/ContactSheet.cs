using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Imaging.Inspection;

/// <summary>Images in rows and columns with a line of text under each: what a recipe does, for the eye.</summary>
public static class ContactSheet
{
    private const int Margin = 8;
    private const int Gap = 20;
    private const int TextHeight = 16;
    private const double LetterScale = 0.36;
    private const double SmallestScale = 0.24;

    /// <summary>Draws rows of cells on white.</summary>
    /// <param name="rows">Each cell's text (ASCII; written smaller, at last cut, to fit the cell's width) and image; the images stay the caller's.</param>
    /// <param name="side">Images are letterboxed to this square, pixels.</param>
    /// <param name="bands">Blocks side by side that the rows are spread over, from the top of the first to the foot of the last.</param>
    /// <returns>Three channels; the caller owns it.</returns>
    /// <exception cref="ArgumentException">There is no cell.</exception>
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
                // A long name is written smaller, down to where letters end; only beyond that is it cut off.
                var width = Cv2.GetTextSize(text, HersheyFonts.HersheySimplex, LetterScale, 1, out _).Width;
                var scale = Math.Max(SmallestScale, LetterScale * Math.Min(1, (side - 1.0) / Math.Max(1, width)));
                Cv2.PutText(strip, text, new Point(0, TextHeight - 5), HersheyFonts.HersheySimplex, scale, Scalar.All(40), 1, LineTypes.AntiAlias);
            }
        }

        return sheet;
    }

    /// <summary>The fewest blocks side by side that make a sheet no taller than 1.4 times its width.</summary>
    /// <param name="rows">Rows in all.</param>
    /// <param name="cells">Cells of a row.</param>
    /// <param name="side">Side of a picture, pixels.</param>
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
