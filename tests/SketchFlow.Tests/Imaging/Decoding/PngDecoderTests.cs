using System.Diagnostics;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>PNG files, sound and damaged, give their still image or a rejection with the reason.</summary>
public sealed class PngDecoderTests
{
    private const int Width = 11;
    private const int Height = 7;

    private static readonly Sample Any = new(1, "x.png", "x.png", null);

    [Property(MaxTest = 300)]
    public Property Every_filter_of_every_row_is_undone() => Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (colourType, bits) = new[] { (0, 8), (2, 8), (4, 8), (6, 8), (0, 16), (2, 16), (6, 16), (0, 1), (0, 2), (0, 4) }[random.Next(10)];
        var (width, height) = (random.Next(1, 90), random.Next(1, 12));
        var samples = colourType switch { 0 => 1, 4 => 2, 2 => 3, _ => 4 };
        var distance = Math.Max(1, samples * bits / 8);
        var rows = Enumerable.Range(0, height).Select(_ => Bytes(random, ((width * samples * bits) + 7) / 8)).ToArray();
        var filtered = rows.Select((row, y) => PngFixtures.Filter(random.Next(5), row, y == 0 ? new byte[row.Length] : rows[y - 1], distance)).ToArray();
        var plain = rows.Select(row => PngFixtures.Filter(0, row, row, distance));
        using var expected = Read(Image(width, height, bits, colourType, plain)).Value;
        using var found = Read(Image(width, height, bits, colourType, filtered)).Value;
        return found.Bytes.SequenceEqual(expected.Bytes);
    });

    [Property(MaxTest = 200)]
    public Property Sound_files_have_OpenCV_s_pixels() => Prop.ForAll(TestImages.Any(), Gen.Choose(0, 9).ToArbitrary(), (picture, level) =>
    {
        using var mat = Mat.FromPixelData(picture.Height, picture.Width, picture.Channels == 1 ? MatType.CV_8UC1 : MatType.CV_8UC3, picture.Bytes);
        ImageEncodingParam[] parameters = [new(ImwriteFlags.PngCompression, level), new(ImwriteFlags.PngStrategy, level % 5)];
        Cv2.ImEncode(".png", mat, out var file, parameters);
        using var theirs = Cv2.ImDecode(file, picture.Channels == 1 ? ImreadModes.Grayscale : ImreadModes.Color);
        using var pixels = Read(file).Value;
        return pixels.Channels == picture.Channels ? pixels.Bytes.SequenceEqual(TestImages.BytesOf(theirs)) : pixels.Channels == 1;
    });

    [Theory]
    [InlineData("a sound animation")]
    [InlineData("no frames announced")]
    [InlineData("four billion frames announced")]
    [InlineData("a frame outside of the canvas")]
    [InlineData("a frame of no size")]
    [InlineData("a frame larger than the canvas")]
    [InlineData("frame data without a number")]
    [InlineData("frame data of no bytes")]
    [InlineData("frame data that is no zlib stream")]
    [InlineData("frame control of three bytes")]
    [InlineData("frame data before the image")]
    [InlineData("numbers out of order")]
    [InlineData("two animation headers")]
    [InlineData("wrong checksums")]
    public void The_still_image_of_an_animation_is_decoded_whatever_its_other_frames_hold(string kind)
    {
        var (header, data) = (PngFixtures.Header(Width, Height), PngFixtures.Chunk("IDAT", PngFixtures.Data(Rows())));
        var announced = kind switch { "no frames announced" => 0, "four billion frames announced" => -1, _ => 2 };
        var frames = PngFixtures.Chunk("acTL", [.. PngFixtures.Word(announced), 0, 0, 0, 0]);
        var (left, across) = kind switch
        {
            "a frame outside of the canvas" => (Width * 1000, Width),
            "a frame of no size" => (0, 0),
            "a frame larger than the canvas" => (0, Width * 50),
            _ => (0, Width),
        };
        var control = PngFixtures.Chunk("fcTL", Control(kind == "numbers out of order" ? 9 : 1, left, across));
        byte[] packed = PngFixtures.Data(Rows());
        var frame = PngFixtures.Chunk("fdAT", kind switch
        {
            "frame data without a number" => [1],
            "frame data of no bytes" => [],
            "frame data that is no zlib stream" => [0, 0, 0, 2, 1, 2, 3, 4, 5],
            _ => [.. PngFixtures.Word(2), .. packed],
        });
        control = kind == "frame control of three bytes" ? PngFixtures.Chunk("fcTL", [1, 2, 3]) : control;
        byte[][] chunks = kind switch
        {
            "frame data before the image" => [header, frames, control, frame, data, PngFixtures.End()],
            "two animation headers" => [header, frames, frames, PngFixtures.Chunk("fcTL", Control(0, 0, Width)), data, control, frame, PngFixtures.End()],
            "wrong checksums" => [header, PngFixtures.Damaged(frames), data, PngFixtures.Damaged(control), PngFixtures.Damaged(frame), PngFixtures.End()],
            _ => [header, frames, PngFixtures.Chunk("fcTL", Control(0, 0, Width)), data, control, frame, PngFixtures.End()],
        };
        using var expected = Read(PngFixtures.File(header, data, PngFixtures.End())).Value;
        using var found = Read(PngFixtures.File(chunks)).Value;
        Assert.True(found.Bytes.SequenceEqual(expected.Bytes));
    }

    [Theory]
    [InlineData("second header", "damaged PNG: it has a second header")]
    [InlineData("second header, equal", "damaged PNG: it has a second header")]
    [InlineData("second header after the image", "damaged PNG: it has a second header")]
    [InlineData("header not first", "damaged PNG: it does not begin with its header")]
    [InlineData("header of 14 bytes", "damaged PNG: its header has a wrong length")]
    [InlineData("header checksum", "damaged PNG: a chunk has the wrong checksum")]
    [InlineData("data checksum", "damaged PNG: a chunk has the wrong checksum")]
    [InlineData("palette checksum", "damaged PNG: a chunk has the wrong checksum")]
    [InlineData("no data", "damaged PNG: it has no image data")]
    [InlineData("no palette", "damaged PNG: it has no palette")]
    [InlineData("palette after the data", "damaged PNG: it has no palette")]
    [InlineData("half of the data", "damaged PNG: image data is missing")]
    [InlineData("rows missing", "damaged PNG: image data is missing")]
    [InlineData("far too little data", "damaged PNG: image data is missing")]
    [InlineData("data interrupted", "damaged PNG: image data is missing")]
    [InlineData("no zlib stream", "damaged PNG: its image data is corrupt")]
    [InlineData("a zlib stream that needs a dictionary", "damaged PNG: its image data is corrupt")]
    [InlineData("data's own checksum", "damaged PNG: its image data is corrupt")]
    [InlineData("filter 5", "damaged PNG: a row has an unknown filter")]
    [InlineData("palette of 16 bits", "damaged PNG: its header has an unknown colour type, depth or method")]
    [InlineData("interlace method 2", "damaged PNG: its header has an unknown colour type, depth or method")]
    [InlineData("of an iPhone", "a PNG in Apple's own form (CgBI), which is not supported")]
    public void Damaged_files_are_rejected_with_the_reason(string kind, string reason)
    {
        var (header, end) = (PngFixtures.Header(Width, Height), PngFixtures.End());
        var packed = PngFixtures.Data(Rows());
        var data = PngFixtures.Chunk("IDAT", packed);
        var palette = PngFixtures.Chunk("PLTE", [1, 2, 3, 4, 5, 6]);
        var indexed = PngFixtures.Chunk("IDAT", PngFixtures.Data(Enumerable.Repeat(new byte[Width + 1], Height)));
        var file = kind switch
        {
            "second header" => PngFixtures.File(header, PngFixtures.Header(30_000, 30_000), data, end),
            "second header, equal" => PngFixtures.File(header, header, data, end),
            "second header after the image" => PngFixtures.File(header, data, header, end),
            "header not first" => PngFixtures.File(PngFixtures.Chunk("gAMA", [0, 0, 0xB1, 0x8F]), header, data, end),
            "header of 14 bytes" => PngFixtures.File(PngFixtures.Chunk("IHDR", [.. header.AsSpan(8, 13), 0]), data, end),
            "header checksum" => PngFixtures.File(PngFixtures.Damaged(header), data, end),
            "data checksum" => PngFixtures.File(header, PngFixtures.Damaged(data), end),
            "palette checksum" => PngFixtures.File(PngFixtures.Header(Width, Height, 8, 3), PngFixtures.Damaged(palette), indexed, end),
            "no data" => PngFixtures.File(header, end),
            "no palette" => PngFixtures.File(PngFixtures.Header(Width, Height, 8, 3), indexed, end),
            "palette after the data" => PngFixtures.File(PngFixtures.Header(Width, Height, 8, 3), indexed, palette, end),
            "half of the data" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", packed[..(packed.Length / 2)]), end),
            "rows missing" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", PngFixtures.Data(Rows().Take(3))), end),
            "far too little data" => PngFixtures.File(PngFixtures.Header(5000, 5000), data, end),
            "data interrupted" => PngFixtures.File(
                header, PngFixtures.Chunk("IDAT", packed[..40]), PngFixtures.Chunk("tEXt", [65, 0, 66]), PngFixtures.Chunk("IDAT", packed[40..]), end),
            "no zlib stream" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", Bytes(new Random(1), 200)), end),
            "a zlib stream that needs a dictionary" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", [0x78, 0x20, .. packed[2..]]), end),
            "data's own checksum" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", [.. packed[..^1], (byte)(packed[^1] ^ 1)]), end),
            "filter 5" => PngFixtures.File(header, PngFixtures.Chunk("IDAT", PngFixtures.Data(Rows().Select(row => (byte[])[5, .. row[1..]]))), end),
            "palette of 16 bits" => PngFixtures.File(PngFixtures.Header(Width, Height, 16, 3), palette, data, end),
            "interlace method 2" => PngFixtures.File(PngFixtures.Header(Width, Height, 8, 2, 2), data, end),
            _ => PngFixtures.File(PngFixtures.Chunk("CgBI", [0x50, 0, 0x20, 2]), header, data, end),
        };
        Assert.Equal(reason, Read(file).Rejection?.Reason);
    }

    [Theory]
    [InlineData("one byte per chunk")]
    [InlineData("a profile that inflates to 200 MB")]
    [InlineData("a text that inflates to 200 MB")]
    [InlineData("200 MB after the last row")]
    [InlineData("a transparency with a wrong checksum")]
    [InlineData("a transparency after the data")]
    [InlineData("a wrong gamma, background and significant bits")]
    [InlineData("an unknown chunk")]
    public void Oddities_around_the_image_change_nothing_and_cost_nothing(string kind)
    {
        var (header, end, packed) = (PngFixtures.Header(Width, Height), PngFixtures.End(), PngFixtures.Data(Rows()));
        var data = PngFixtures.Chunk("IDAT", packed);
        var bomb = PngFixtures.Data(Enumerable.Repeat(new byte[1 << 20], 200));
        var key = PngFixtures.Chunk("tRNS", [0, Rows()[0][1], 0, Rows()[0][2], 0, Rows()[0][3]]);
        var file = kind switch
        {
            "one byte per chunk" => PngFixtures.File([header, .. packed.Select(b => PngFixtures.Chunk("IDAT", [b])), end]),
            "a profile that inflates to 200 MB" => PngFixtures.File(header, PngFixtures.Chunk("iCCP", [65, 0, 0, .. bomb]), data, end),
            "a text that inflates to 200 MB" => PngFixtures.File(header, PngFixtures.Chunk("zTXt", [65, 0, 0, .. bomb]), data, end),
            "200 MB after the last row" => PngFixtures.File(
                header, PngFixtures.Chunk("IDAT", PngFixtures.Data([.. Rows(), .. Enumerable.Repeat(new byte[1 << 20], 200)])), end),
            "a transparency with a wrong checksum" => PngFixtures.File(header, PngFixtures.Damaged(key), data, end),
            "a transparency after the data" => PngFixtures.File(header, data, key, end),
            "a wrong gamma, background and significant bits" => PngFixtures.File(
                header, PngFixtures.Chunk("gAMA", [0, 0, 0, 0]), PngFixtures.Chunk("bKGD", [1]), PngFixtures.Chunk("sBIT", [9, 9, 9]), data, end),
            _ => PngFixtures.File(header, PngFixtures.Chunk("abCd", [1, 2, 3]), data, end),
        };
        using var expected = Read(PngFixtures.File(header, data, end)).Value;
        var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        using var found = Read(file).Value;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8L << 20);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.True(found.Bytes.SequenceEqual(expected.Bytes));
    }

    [Fact]
    public void The_shared_cases_have_their_right_values()
    {
        var folder = Path.Combine(Reference.Folder, "cases", "images");
        using var still = Read(File.ReadAllBytes(Path.Combine(folder, "01-apng-segfault.png"))).Value;
        Assert.Equal((40, 24), (still.Width, still.Height));
        var means = Enumerable.Range(0, 3).Select(c => still.Bytes.ToArray().Where((_, i) => i % 3 == c).Average(b => (double)b)).ToArray();
        Assert.Equal(224.3, means[0], 0.06);
        Assert.Equal(216.3, means[1], 0.06);
        Assert.Equal(230.5, means[2], 0.06);
        using var packed = new GZipStream(File.OpenRead(Path.Combine(folder, "png-second-ihdr.png.gz")), CompressionMode.Decompress);
        using var file = new MemoryStream();
        packed.CopyTo(file);
        Assert.Equal("damaged PNG: it has a second header", Read(file.ToArray()).Rejection?.Reason);
    }

    private static Outcome<Pixels> Read(byte[] file) => ImageDecoder.Read(new DecodeOptions(), Any, file);

    private static byte[] Image(int width, int height, int bits, int colourType, IEnumerable<byte[]> rows) =>
        PngFixtures.File(PngFixtures.Header(width, height, bits, colourType), PngFixtures.Chunk("IDAT", PngFixtures.Data(rows)), PngFixtures.End());

    private static byte[][] Rows()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Height).Select(_ => (byte[])[0, .. Bytes(random, Width * 3)])];
    }

    // Sequence number, width, height, left, top, delay, disposal and blending.
    private static byte[] Control(int number, int left, int width) =>
    [
        .. PngFixtures.Word(number), .. PngFixtures.Word(width), .. PngFixtures.Word(Height), .. PngFixtures.Word(left), .. PngFixtures.Word(0),
        0, 1, 0, 10, 0, 0,
    ];

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
