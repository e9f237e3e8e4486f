using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>Animated WebP files: only the first frame is read.</summary>
public sealed class WebPFrameTests
{
    private static readonly Sample Any = new(3, "x.webp", "x.webp", null);

    [Fact]
    public void The_first_frame_lies_on_white_and_later_frames_may_be_damaged()
    {
        var still = Still();
        foreach (var damaged in new[] { false, true })
        {
            var file = ImageFixtures.MovingWebP(still, 8, 6);

            // A canvas of 12 × 10 with the frame at column 2, row 4.
            (file[24], file[27]) = (11, 9);
            var frame = file.AsSpan().IndexOf("ANMF"u8) + 8;
            (file[frame], file[frame + 3]) = (1, 2);
            if (damaged)
            {
                file.AsSpan(file.AsSpan().LastIndexOf("ANMF"u8) + 20).Fill(0x5A);
            }

            using var pixels = ImageDecoder.Read(new DecodeOptions(), Any, file).Value;
            Assert.Equal((12, 10, 3), (pixels.Width, pixels.Height, pixels.Channels));
            for (var i = 0; i < 120; i++)
            {
                var (x, y) = ((i % 12) - 2, (i / 12) - 4);
                byte[] golden = x is >= 0 and < 8 && y >= 0 ? [(byte)(x * 20), (byte)(y * 30), 90] : [255, 255, 255];
                Assert.Equal(golden, pixels.Bytes.Slice(i * 3, 3).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(24)]
    public void A_damaged_first_frame_is_a_rejection(int at)
    {
        var file = ImageFixtures.MovingWebP(Still(), 8, 6);
        var frame = file.AsSpan().IndexOf("ANMF"u8) + 8;
        file.AsSpan(frame + at, 3).Fill(0xFF);
        PictureAssert.IsRejected(file, "damaged WebP");
    }

    [Fact]
    public void A_file_without_a_picture_is_a_rejection()
    {
        byte[] file = [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 5, 0, 0, .. "ANIM"u8, 6, 0, 0, 0, .. new byte[6]];
        file[4] = (byte)(file.Length - 8);
        PictureAssert.IsRejected(file, "damaged WebP: it has no picture");
    }

    private static byte[] Still()
    {
        using var mat = new Mat(6, 8, MatType.CV_8UC3);
        for (var i = 0; i < 48; i++)
        {
            mat.Set(i / 8, i % 8, new Vec3b((byte)(i % 8 * 20), (byte)(i / 8 * 30), 90));
        }

        Cv2.ImEncode(".webp", mat, out var file, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
        return file;
    }
}
