using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>Compares a decoded file with the picture that it stands for.</summary>
internal static class PictureAssert
{
    /// <summary>Asserts that the file decodes to the pixels; levels may differ by <paramref name="tolerance"/>.</summary>
    public static void Decodes(byte[] file, int width, int height, (int Red, int Green, int Blue)[] shown, string kind, int tolerance = 0)
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(3, "x", "x", null), file);
        Assert.True(outcome.IsValue, outcome.IsValue ? "" : $"{kind}: {outcome.Rejection!.Reason}");
        using var pixels = outcome.Value;
        Assert.Equal((kind, width, height), (kind, pixels.Width, pixels.Height));
        for (var i = 0; i < shown.Length; i++)
        {
            var (red, green, blue) = shown[i];
            var pixel = pixels.Bytes.Slice(i * pixels.Channels, pixels.Channels);
            var decoded = (pixel[^1], pixel[pixel.Length / 2], pixel[0]);
            var difference = Math.Max(Math.Abs(decoded.Item1 - red), Math.Max(Math.Abs(decoded.Item2 - green), Math.Abs(decoded.Item3 - blue)));
            Assert.True(difference <= tolerance, $"{kind}: pixel {i} is {decoded}, expected {(red, green, blue)}");
        }
    }

    /// <summary>Asserts that the file is rejected with a reason that contains <paramref name="reason"/>.</summary>
    public static void IsRejected(byte[] file, string reason)
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(3, "x", "x", null), file);
        Assert.False(outcome.IsValue, $"decoded, expected: {reason}");
        Assert.Contains(reason, outcome.Rejection!.Reason, StringComparison.Ordinal);
    }
}
