using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Explanation;
using SketchFlow.Pipeline.Explaining;

namespace SketchFlow.Tests.Pipeline.Explaining;

/// <summary>Maps on original images.</summary>
public sealed class SaliencyOverlayTests
{
    [Theory]
    [InlineData(200, 100, 1, 6)]
    [InlineData(100, 200, 5, 1)]
    [InlineData(64, 64, 2, 7)]
    public void A_relevant_cell_of_the_padded_square_is_at_its_place_of_the_original(int width, int height, int row, int column)
    {
        var options = new PadResizeOptions { Side = 80, Fit = ResizeMode.Letterbox };
        var values = new float[64];
        var place = PadResize.Place(options, width, height);
        // The cell of the original's quarter that row and column name, in eighths.
        var (x, y) = (place.Left + ((column + 0.5) * place.Width / 8), place.Top + ((row + 0.5) * place.Height / 8));
        values[((int)(y / 10) * 8) + (int)(x / 10)] = 1;
        var relevance = SaliencyOverlay.OnOriginal(new SaliencyMap(SaliencyMethod.GradCam, 8, 8, [.. values]), options, width, height);
        Assert.Equal(width * height, relevance.Length);
        var best = Array.IndexOf(relevance, relevance.Max());
        var scale = Math.Max(width, height) / 80.0;
        Assert.InRange(best % width, ((column + 0.5) * width / 8) - (10 * scale), ((column + 0.5) * width / 8) + (10 * scale));
        Assert.InRange(best / width, ((row + 0.5) * height / 8) - (10 * scale), ((row + 0.5) * height / 8) + (10 * scale));
    }

    [Fact]
    public void What_the_network_did_not_see_has_no_relevance()
    {
        var options = new PadResizeOptions { Side = 32, Fit = ResizeMode.CentreCrop, CropPercent = 1 };
        var relevance = SaliencyOverlay.OnOriginal(new SaliencyMap(SaliencyMethod.GradCam, 2, 2, [1, 0.5F, 0.7F, 0]), options, 300, 100);
        Assert.All(Enumerable.Range(0, 100), x => Assert.Equal(0, relevance[(50 * 300) + x]));
        Assert.True(relevance[(20 * 300) + 110] > 0.9F);
    }

    [Theory]
    [InlineData(255, 0)]
    [InlineData(0, 255)]
    public void Ink_stays_as_it_is_and_relevant_paper_is_tinted(byte paper, byte ink)
    {
        using var image = Pixels.Rent(new Sample(0, "x", "x", null), 4, 4, 1);
        image.Bytes.Fill(paper);
        image.Bytes[5] = ink;
        var relevance = new float[16];
        (relevance[5], relevance[6]) = (1, 1);
        using var drawn = SaliencyOverlay.Draw(image, relevance);
        Assert.Equal([ink, ink, ink], drawn.Bytes.Slice(15, 3).ToArray());
        Assert.Equal([0, 94, 213], drawn.Bytes.Slice(18, 3).ToArray());
        Assert.Equal([paper, paper, paper], drawn.Bytes.Slice(21, 3).ToArray());
    }

    [Fact]
    public void The_box_is_that_of_the_ink_and_the_share_counts_what_is_inside()
    {
        using var image = Pixels.Rent(new Sample(0, "x", "x", null), 10, 6, 1);
        image.Bytes.Fill(250);
        (image.Bytes[12], image.Bytes[27]) = (10, 30);
        var box = SaliencyOverlay.FindBox(image);
        Assert.Equal((2, 1, 8, 3), box);
        var relevance = new float[60];
        (relevance[12], relevance[59]) = (1, 3);
        Assert.Equal(0.25, SaliencyOverlay.ShareInside(relevance, 10, box));
        image.Bytes.Fill(250);
        Assert.Equal((0, 0, 10, 6), SaliencyOverlay.FindBox(image));
    }
}
