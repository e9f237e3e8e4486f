using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Inference;

namespace SketchFlow.Tests.Inference;

public class ModelImagesTests
{
    [Fact]
    public void Both_forms_hold_red_green_and_blue_of_every_pixel() => Prop.ForAll(
        (from count in Gen.Choose(1, 3)
         from side in Gen.Choose(1, 5)
         from channels in Gen.Elements(1, 3)
         from bytes in Gen.Choose(0, 255).Select(v => (byte)v).ArrayOf(count * side * side * channels)
         select (count, side, channels, bytes)).ToArbitrary(),
        given =>
        {
            var (count, side, channels, bytes) = given;
            var each = side * side * channels;
            Pixels[] images =
            [
                .. Enumerable.Range(0, count).Select(i => Pixels.From(new Sample(i, "", "", null), side, side, channels, bytes.AsSpan(i * each, each))),
            ];
            using var batch = PixelBatch.Stack(images);
            Array.ForEach(images, i => i.Dispose());
            var (packed, planar) = (ModelImages.ToBytes(batch), ModelImages.ToFloats(batch));
            Assert.Equal(3 * count * side * side, packed.Length);
            Assert.Equal(packed.Length, planar.Length);
            for (var n = 0; n < count; n++)
            {
                for (var at = 0; at < side * side; at++)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        // Pixels are blue, green, red.
                        var expected = bytes[(n * each) + (at * channels) + (channels == 1 ? 0 : 2 - c)];
                        Assert.Equal(expected, packed[(((n * side * side) + at) * 3) + c]);
                        Assert.Equal(expected / 255f, planar[(((n * 3) + c) * side * side) + at]);
                    }
                }
            }
        }).QuickCheckThrowOnFailure();
}
