using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Imaging;

namespace SketchFlow.Tests.Pipeline.Preparing;

/// <summary>Contact sheets of a recipe.</summary>
public sealed class TransformPreviewTests
{
    [Fact]
    public void A_contact_sheet_has_a_row_for_each_transform_and_one_for_all()
    {
        using var folder = new TemporaryFolder();
        using var drawing = TestImages.Drawing(60, 40);
        ImageEncoder.Write(drawing, Path.Combine(folder.Root, "a.png"));
        var preview = new TransformPreview
        {
            Augmentation = [new Rotate(), new Invert()],
            Preparation = new PadResizeOptions { Side = 48 },
            Samples = 4,
            Side = 64,
        };
        Sample[] samples = [new(0, "a.png", Path.Combine(folder.Root, "a.png"), 0)];
        using var sheet = preview.Draw(samples);
        using var again = preview.Draw(samples);
        Assert.Equal((8 + (5 * 72), 8 + (3 * 88), 3), (sheet.Width, sheet.Height, sheet.Channels));
        Assert.Equal(sheet.Bytes.ToArray(), again.Bytes.ToArray());
        using var other = (preview with { Seed = 2 }).Draw(samples);
        Assert.NotEqual(sheet.Bytes.ToArray(), other.Bytes.ToArray());
        Assert.Throws<RefusalException>(() => (preview with { Side = 4 }).Draw(samples));
    }
}
