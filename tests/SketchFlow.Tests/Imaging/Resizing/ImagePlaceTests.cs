using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Tests.Imaging.Resizing;

/// <summary>Places of resized images in their squares.</summary>
public sealed class ImagePlaceTests
{
    private const int Side = 64;

    [Property(MaxTest = 60)]
    public void A_block_of_ink_is_where_the_place_says_in_every_mode(byte widths, byte heights, byte columns, byte rows, byte modes)
    {
        var (width, height) = (40 + (widths % 160), 40 + (heights % 160));
        // Near the centre, so that no mode crops it.
        var (block, left, top) = (10, (width / 2) - 14 + (columns % 18), (height / 2) - 14 + (rows % 18));
        using var image = Pixels.Rent(new Sample(0, "x", "x", null), width, height, 1);
        image.Bytes.Fill(255);
        for (var y = top; y < top + block; y++)
        {
            image.Bytes.Slice((y * width) + left, block).Clear();
        }

        var options = new PadResizeOptions
        {
            Side = Side,
            Fit = (ResizeMode)(modes % 3),
            CropMode = modes % 2 == 0 ? CropMode.Center : CropMode.Squash,
        };
        using var square = PadResize.Run(options, image);
        var place = PadResize.Place(options, width, height);
        var (x, centreY) = Centre(square);
        Assert.Equal(place.Left + ((left + (block / 2.0)) * place.Width / width), x, 1.0);
        Assert.Equal(place.Top + ((top + (block / 2.0)) * place.Height / height), centreY, 1.0);
    }

    private static (double X, double Y) Centre(Pixels image)
    {
        var (ink, x, y) = (0.0, 0.0, 0.0);
        for (var i = 0; i < image.Length; i++)
        {
            var dark = 255 - image.Bytes[i];
            ink += dark;
            x += dark * ((i % image.Width) + 0.5);
            y += dark * ((i / image.Width) + 0.5);
        }

        return (x / ink, y / ink);
    }
}
