using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>Files from bug reports of other projects, with the means that Pillow gives on white.</summary>
public sealed class ImageCasesTests
{
    [Theory]
    [InlineData("03-tiff-planar16.tif", 40, 24, 230.5, 216.3, 224.3)]
    [InlineData("04-tiff-grey-alpha.tif", 64, 64, 252, 252, 252)]
    [InlineData("05-bmp-alpha.bmp", 64, 64, 255, 252, 252)]
    [InlineData("05-bmp-565.bmp", 40, 24, 230.8, 216.2, 224.5)]
    [InlineData("05-bmp-shifted.bmp", 40, 24, 230.5, 216.3, 224.3)]
    [InlineData("06-tiff-miniswhite16.tif", 40, 24, 213.5, 213.5, 213.5)]
    [InlineData("08-gif-no-trailer.gif", 40, 24, 230.5, 216.3, 224.3)]
    [InlineData("08-gif-cut-in-second-frame.gif", 40, 24, 230.5, 216.3, 224.3)]
    [InlineData("09-tiff-4bit.tif", 40, 24, 213.1, 213.1, 213.1)]
    public void Files_of_unusual_layouts_have_their_right_means(string name, int width, int height, double red, double green, double blue)
    {
        var path = Path.Combine(Reference.Folder, "cases", "images", name);
        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(1, name, path, null));
        Assert.True(outcome.IsValue, $"{outcome.Rejection}");
        using var pixels = outcome.Value;
        Assert.Equal((width, height), (pixels.Width, pixels.Height));
        var bytes = pixels.Bytes.ToArray();
        double Mean(int channel) => bytes.Where((_, i) => i % pixels.Channels == (pixels.Channels == 1 ? 0 : channel)).Average(b => b);
        Assert.InRange(Mean(2), red - 0.06, red + 0.06);
        Assert.InRange(Mean(1), green - 0.06, green + 0.06);
        Assert.InRange(Mean(0), blue - 0.06, blue + 0.06);
    }
}
