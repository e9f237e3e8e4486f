using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Images in rows and columns with a line of text under each: what a recipe does, for the eye.</summary>
public static class ContactSheet
{
    private const int Margin = 8;
    private const int TextHeight = 16;
    private const double LetterScale = 0.36;

    /// <summary>Draws rows of cells on white.</summary>
    /// <param name="rows">Each cell's text (ASCII; cut to the cell's width) and image; the images stay the caller's.</param>
    /// <param name="side">Images are letterboxed to this square, pixels.</param>
    /// <returns>Three channels; the caller owns it.</returns>
    /// <exception cref="ArgumentException">There is no cell.</exception>
    public static Pixels Draw(IReadOnlyList<IReadOnlyList<(string Text, Pixels Image)>> rows, int side)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.All(r => r.Count == 0))
        {
            throw new ArgumentException("A contact sheet needs at least one image.", nameof(rows));
        }

        var (cellWidth, cellHeight) = (side + Margin, side + TextHeight + Margin);
        var sheet = Pixels.Rent(rows.First(r => r.Count > 0)[0].Image.Sample, (rows.Max(r => r.Count) * cellWidth) + Margin, (rows.Count * cellHeight) + Margin, 3);
        sheet.Bytes.Fill(255);
        using var view = View.Of(sheet);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                var (text, image) = rows[row][column];
                var (left, top) = (Margin + (column * cellWidth), Margin + (row * cellHeight));
                Place(image, view.Mat, new Rect(left, top, side, side));
                Cv2.Rectangle(view.Mat, new Rect(left - 1, top - 1, side + 2, side + 2), Scalar.All(210));
                using var strip = new Mat(view.Mat, new Rect(left, top + side + 1, side, TextHeight - 1));
                Cv2.PutText(strip, text, new Point(0, TextHeight - 5), HersheyFonts.HersheySimplex, LetterScale, Scalar.All(40), 1, LineTypes.AntiAlias);
            }
        }

        return sheet;
    }

    private static void Place(Pixels image, Mat sheet, Rect place)
    {
        using var small = PadResize.Letterbox(image, place.Width);
        using var source = View.Of(small);
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
