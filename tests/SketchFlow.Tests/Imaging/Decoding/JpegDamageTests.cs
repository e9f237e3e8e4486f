using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>Missing and corrupt image data of JPEGs is a rejection; odd but complete files are decoded and counted.</summary>
public sealed class JpegDamageTests
{
    private static readonly string[] Codings = ["baseline", "progressive", "restart", "4:4:4", "grey"];

    [Fact]
    public void The_messages_of_libjpeg_are_collected() => Assert.True(JpegMessages.IsCollecting);

    [Property(MaxTest = 150)]
    public Property Data_cut_before_a_sound_end_is_a_rejection_or_was_padding() => Prop.ForAll(
        Gen.Elements(Codings).ToArbitrary(), Gen.Choose(1, 999).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (coding, share, reduced) =>
        {
            var file = Encode(coding);
            var start = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]) + 14;
            var length = start + ((file.Length - 2 - start) * share / 1000);
            byte[] cut = [.. file.AsSpan(0, length), 0xFF, 0xD9];
            var outcome = Read(cut, "cut", reduced);
            using var whole = Read(file, "whole", reduced).Value;
            return outcome.Rejection is { } rejected
                ? rejected.Reason.Contains("JPEG", StringComparison.Ordinal)
                : outcome.Value.Bytes.SequenceEqual(whole.Bytes);
        });

    [Theory]
    [InlineData("a progressive file without its last scan", "damaged JPEG: scans with image data are missing")]
    [InlineData("a progressive file with its first scan only", "damaged JPEG: scans with image data are missing")]
    [InlineData("a scan of no bytes", "damaged JPEG: image data is missing before the end marker")]
    [InlineData("a restart marker that is another's", "damaged JPEG: a part of its image data is missing")]
    [InlineData("restart intervals left out", "damaged JPEG: a part of its image data is missing")]
    [InlineData("codes that no table has", "damaged JPEG: its image data is corrupt")]
    [InlineData("a large picture of few bytes", "damaged JPEG: image data is missing")]
    [InlineData("300 scans", "300 scans of 192x160 pixels, more than are decoded")]
    [InlineData("JPEG-LS", "JPEG-LS, which is not supported; convert it to PNG or JPEG")]
    public void Missing_and_corrupt_data_is_rejected_with_the_reason(string kind, string reason) =>
        Assert.Equal(reason, Read(Damaged(kind), kind).Rejection?.Reason);

    [Theory]
    [InlineData("stray bytes before the end", true)]
    [InlineData("stray bytes between segments", true)]
    [InlineData("an unknown JFIF version", true)]
    [InlineData("a comment and an unknown application segment", false)]
    [InlineData("fill bytes before markers", false)]
    [InlineData("a marker without contents", false)]
    [InlineData("text after the end", false)]
    [InlineData("a second picture after the end", false)]
    public void Odd_files_have_the_pixels_of_plain_ones_and_are_counted_where_libjpeg_warns(string kind, bool counted)
    {
        var file = Encode("baseline");
        var end = file.Length - 2;
        byte[] odd = kind switch
        {
            "stray bytes before the end" => [.. file.AsSpan(0, end), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, .. file.AsSpan(end)],
            "stray bytes between segments" => [.. file.AsSpan(0, 20), 7, 7, 7, .. file.AsSpan(20)],
            "an unknown JFIF version" => [.. file.AsSpan(0, 11), 9, .. file.AsSpan(12)],
            "a comment and an unknown application segment" => ImageFixtures.WithSegment(ImageFixtures.WithSegment(file, 0xFE, "hello"u8), 0xEA, [1, 2, 3]),
            "fill bytes before markers" => [.. file.AsSpan(0, 2), 0xFF, 0xFF, 0xFF, .. file.AsSpan(2)],
            "a marker without contents" => [.. file.AsSpan(0, 20), 0xFF, 0x01, .. file.AsSpan(20)],
            "text after the end" => [.. file, .. "appended"u8],
            _ => [.. file, .. Encode("grey")],
        };
        var path = $"/odd/{kind}.jpg";
        using var plain = Read(file, "plain").Value;
        using var found = Read(odd, path).Value;
        Assert.True(found.Bytes.SequenceEqual(plain.Bytes));
        Assert.Equal(counted, DecodingWarnings.Find(path) is not null);
        if (counted)
        {
            Assert.Contains("decoded with", DecodingWarnings.Describe(), StringComparison.Ordinal);
            Assert.True(DecodingWarnings.Count > 0);
        }
    }

    [Fact]
    public void Messages_belong_to_the_file_that_a_thread_decodes()
    {
        var (good, bad) = (Encode("baseline"), Damaged("a scan of no bytes"));
        var wrong = 0;
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var outcome = Read(i % 3 == 0 ? bad : good, $"{i}");
            if (outcome.IsValue == (i % 3 == 0))
            {
                Interlocked.Increment(ref wrong);
            }

            if (outcome.IsValue)
            {
                outcome.Value.Dispose();
            }
        });
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(6, 1)]
    [InlineData(3, 8)]
    public void The_first_of_two_Exif_segments_turns_the_image(int first, int second)
    {
        var file = Encode("baseline");
        byte[] Exif(int orientation) => [.. "Exif\0\0"u8, .. ImageFixtures.Exif(orientation, little: true)];
        using var expected = Read(ImageFixtures.WithSegment(file, 0xE1, Exif(first)), "one").Value;
        using var found = Read(ImageFixtures.WithSegment(ImageFixtures.WithSegment(file, 0xE1, Exif(second)), 0xE1, Exif(first)), "two").Value;
        Assert.Equal((expected.Width, expected.Height), (found.Width, found.Height));
        Assert.True(found.Bytes.SequenceEqual(expected.Bytes));
    }

    [Fact]
    public void The_shared_cases_have_their_right_values()
    {
        var folder = Path.Combine(Reference.Folder, "cases", "images");
        var rejected = Read(File.ReadAllBytes(Path.Combine(folder, "jpeg-8000-short.jpg")), "short").Rejection;
        Assert.Equal("damaged JPEG: image data is missing", rejected?.Reason);
        using var turned = Read(File.ReadAllBytes(Path.Combine(folder, "11-jpeg-two-exif.jpg")), "exif").Value;
        var means = Enumerable.Range(0, 3).Select(c => turned.Bytes.ToArray().Where((_, i) => i % 3 == c).Average(b => (double)b)).ToArray();
        Assert.Equal((24, 40), (turned.Width, turned.Height));
        Assert.Equal(221.4, means[0], 0.06);
        Assert.Equal(215.7, means[1], 0.06);
        Assert.Equal(226.8, means[2], 0.06);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>", "an HTML page, not an image; the address gave a web page, download the file itself")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not an image; run git lfs pull, or download the file itself")]
    [InlineData("%PDF-1.7", "a PDF document, which is not supported; convert it to PNG or JPEG")]
    [InlineData("PK\u0003\u0004", "a ZIP archive, not an image; unpack it first")]
    [InlineData("404: Not Found", "a text file, not an image")]
    public void Files_of_other_kinds_are_named(string text, string reason) =>
        Assert.Equal(reason, Read(System.Text.Encoding.ASCII.GetBytes(text), "other").Rejection?.Reason);

    private static Outcome<Pixels> Read(byte[] file, string name, bool reduced = false) =>
        ImageDecoder.Read(new DecodeOptions { ReducedDecoding = reduced, TargetSide = 40 }, new Sample(1, name, name, null), file);

    private static byte[] Damaged(string kind)
    {
        var file = Encode(new[] { "progressive", "restart" }.FirstOrDefault(name => kind.Contains(name, StringComparison.Ordinal)) ?? "baseline");
        var scans = Enumerable.Range(0, file.Length - 1).Where(i => file[i] == 0xFF && file[i + 1] == 0xDA).ToArray();
        var restarts = Enumerable.Range(scans[0], file.Length - scans[0] - 1).Where(i => file[i] == 0xFF && file[i + 1] is >= 0xD0 and <= 0xD7).ToArray();
        switch (kind)
        {
            case "a progressive file without its last scan":
                return [.. file.AsSpan(0, scans[^1]), 0xFF, 0xD9];
            case "a progressive file with its first scan only":
                return [.. file.AsSpan(0, scans[1]), 0xFF, 0xD9];
            case "a scan of no bytes":
                return [.. file.AsSpan(0, scans[0] + 14), 0xFF, 0xD9];
            case "a restart marker that is another's":
                file[restarts[3] + 1] = 0xD6;
                return file;
            case "restart intervals left out":
                return [.. file.AsSpan(0, restarts[2]), .. file.AsSpan(restarts[5])];
            case "codes that no table has":
                // Sixteen ones are no code of any table; a zero follows each byte of ones. libjpeg looks for such codes near the end only.
                byte[] ones = [.. Enumerable.Repeat(new byte[] { 0xFF, 0x00 }, 40).SelectMany(b => b)];
                return [.. file.AsSpan(0, file.Length - 1500), .. ones, .. file.AsSpan(file.Length - 1400)];
            case "a large picture of few bytes":
                var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
                (file[frame + 5], file[frame + 7]) = (30, 30);
                return file;
            case "300 scans":
                byte[] scan = [.. file.AsSpan(scans[0], 14)];
                return [.. file.AsSpan(0, scans[0] + 2), 0, 8, 1, 1, 0, 0, 63, 0, .. Enumerable.Repeat(scan, 299).SelectMany(s => s), 0xFF, 0xD9];
            default:
                file[file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]) + 1] = 0xF7;
                return file;
        }
    }

    private static byte[] Encode(string coding)
    {
        using var picture = Mat.FromPixelData(160, 192, MatType.CV_8UC3, TestImages.RandomImage(192, 160, 3, 9).Bytes);
        using var smooth = new Mat();
        Cv2.GaussianBlur(picture, smooth, new Size(5, 5), 1);
        using var grey = new Mat();
        Cv2.CvtColor(smooth, grey, ColorConversionCodes.BGR2GRAY);
        ImageEncodingParam[] parameters = coding switch
        {
            "progressive" => [new(ImwriteFlags.JpegProgressive, 1)],
            "restart" => [new(ImwriteFlags.JpegRstInterval, 2)],
            // IMWRITE_JPEG_SAMPLING_FACTOR, which OpenCvSharp does not name.
            "4:4:4" => [new((ImwriteFlags)7, 0x111111)],
            _ => [],
        };
        Cv2.ImEncode(".jpg", coding == "grey" ? grey : smooth, out var file, parameters);
        return file;
    }
}
