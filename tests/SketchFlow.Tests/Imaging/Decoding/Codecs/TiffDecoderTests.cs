using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>TIFF files of every layout, written sample by sample.</summary>
public sealed class TiffDecoderTests
{
    private static readonly Sample Any = new(3, "x.tif", "x.tif", null);

    [Property(MaxTest = 300)]
    public Property Every_layout_decodes_to_the_picture_that_was_written() => Prop.ForAll(
        (from photometric in Gen.Elements(0, 1, 2, 3, 5)
         from bits in photometric switch { 3 => Gen.Elements(1, 2, 4, 8), 2 or 5 => Gen.Elements(8, 16), _ => Gen.Elements(1, 2, 4, 8, 16) }
         from extra in photometric is 1 or 2 && bits >= 8 ? Gen.Elements(-1, 0, 1, 2) : Gen.Constant(-1)
         from compression in Gen.Elements(1, 5, 8, 32946, 32773)
         from predictor in compression is 5 or 8 or 32946 && bits >= 8 ? Gen.Elements(1, 2) : Gen.Constant(1)
         from tile in Gen.Elements<(int, int)?>(null, (16, 16), (48, 16), (1, 1))
         from rows in Gen.Elements(1, 4, 1_000_000)
         from size in Gen.Choose(1, 35).Two()
         from flags in Gen.Choose(0, 7)
         from seed in Gen.Choose(0, 100_000)
         select new TiffFixture(size.Item1, size.Item2, bits, photometric)
         {
             Extra = extra < 0 ? null : extra,
             Compression = compression,
             Predictor = predictor,
             Tile = tile,
             RowsPerStrip = rows,
             Separate = (flags & 1) == 1 && photometric is 2 or 5,
             BigEndian = (flags & 2) == 2,
             ReversedBits = flags == 7,
             Seed = seed,
         }).ToArbitrary(),
        fixture =>
        {
            PictureAssert.Decodes(fixture.ToFile(), fixture.Width, fixture.Height, fixture.Shown(), fixture.ToString());
            return true;
        });

    [Theory]
    [InlineData(8, false)]
    [InlineData(8, true)]
    [InlineData(16, false)]
    [InlineData(16, true)]
    public void Long_lzw_data_decode_as_opencv_wrote_them(int bits, bool colour)
    {
        // Enough different strings to fill the table of codes several times; noise in a few bits makes long strings.
        using var mat = new Mat(200, 300, MatType.MakeType(bits == 8 ? MatType.CV_8U : MatType.CV_16U, colour ? 3 : 1));
        Cv2.Randu(mat, Scalar.All(0), Scalar.All(bits == 8 ? 7 : 40_000));
        Cv2.ImEncode(".tiff", mat, out var file, new ImageEncodingParam(ImwriteFlags.TiffCompression, 5));
        using var expected = new Mat();
        mat.ConvertTo(expected, MatType.MakeType(MatType.CV_8U, mat.Channels()), bits == 8 ? 1 : 1 / 257.0);
        using var pixels = ImageDecoder.Read(new DecodeOptions(), Any, file).Value;
        Assert.Equal(colour ? 3 : 1, pixels.Channels);
        for (var i = 0; i < pixels.Width * pixels.Height; i++)
        {
            for (var c = 0; c < pixels.Channels; c++)
            {
                var golden = colour ? expected.At<Vec3b>(i / 300, i % 300)[c] : expected.At<byte>(i / 300, i % 300);
                Assert.Equal(golden, pixels.Bytes[(i * pixels.Channels) + c]);
            }
        }
    }

    [Theory]
    [InlineData("signed", 8, 1, 339, 2, "signed")]
    [InlineData("floating point", 16, 1, 339, 3, "floating point")]
    [InlineData("12 bits", 8, 1, 258, 12, "12-bit grey")]
    [InlineData("Lab", 8, 2, 262, 8, "3 samples per pixel")]
    [InlineData("YCbCr without JPEG", 8, 6, 284, 1, "YCbCr")]
    [InlineData("JPEG of TIFF 5", 8, 1, 259, 6, "compression 6")]
    [InlineData("Zstandard", 8, 1, 259, 50_000, "compression 50000")]
    [InlineData("predictor 3", 8, 1, 317, 3, "predictor 3")]
    [InlineData("predictor 2 of 4 bits", 4, 1, 317, 2, "predictor 2 with 4 bits")]
    [InlineData("grey with 0 as white and alpha", 8, 0, 338, 2, "grey with 0 as white, alpha")]
    [InlineData("palette of 16 bits", 16, 1, 262, 3, "16-bit palette")]
    [InlineData("huge tile", 8, 1, 322, 65_000, "tiles larger")]
    [InlineData("RGB of 4 bits", 4, 2, 284, 1, "4-bit RGB")]
    public void Other_layouts_are_named_as_not_supported(string kind, int bits, int photometric, int tag, int value, string reason)
    {
        var fixture = new TiffFixture(5, 4, bits, photometric) { More = [(tag, value)], Extra = tag == 338 ? value : null };
        fixture = fixture with { Compression = tag == 317 ? 5 : 1, Tile = tag == 322 ? (16, 65_000) : null };
        var outcome = ImageDecoder.Read(new DecodeOptions(), Any, fixture.ToFile());
        Assert.False(outcome.IsValue, kind);
        Assert.StartsWith("a kind of TIFF that is not supported: ", outcome.Rejection!.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, outcome.Rejection.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(32773)]
    public void Missing_data_are_a_rejection(int compression)
    {
        var whole = new TiffFixture(20, 12, 8, 1) { Compression = compression, RowsPerStrip = 12 };
        var file = whole.ToFile();
        var (starts, sizes) = (file.AsSpan().IndexOf((byte[])[273 % 256, 1, 4, 0]), file.AsSpan().IndexOf((byte[])[279 % 256, 1, 4, 0]));
        foreach (var cut in new[] { 1, 8, 60 })
        {
            // The strip ends early: by its length where it is compressed, by the end of the file where it is not.
            var damaged = (byte[])file.Clone();
            if (compression == 1)
            {
                BitConverter.TryWriteBytes(damaged.AsSpan(starts + 8), file.Length - (20 * 12) + cut);
            }
            else
            {
                BitConverter.TryWriteBytes(damaged.AsSpan(sizes + 8), BitConverter.ToInt32(file, sizes + 8) - cut - 6);
            }

            var outcome = ImageDecoder.Read(new DecodeOptions(), Any, damaged);
            Assert.False(outcome.IsValue, $"{cut} bytes missing");
            Assert.Contains("TIFF", outcome.Rejection!.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_cut_of_a_file_is_rejected_or_the_same_picture()
    {
        foreach (var compression in new[] { 1, 5, 8, 32773 })
        {
            var fixture = new TiffFixture(9, 7, 8, 2) { Compression = compression, Tile = (16, 16), Separate = true };
            var file = fixture.ToFile();
            for (var length = 1; length < file.Length; length++)
            {
                // The number of bytes per tile comes last, and is not needed.
                var cut = file[..length];
                if (ImageDecoder.Read(new DecodeOptions(), Any, cut) is { IsValue: true } outcome)
                {
                    outcome.Value.Dispose();
                    PictureAssert.Decodes(cut, 9, 7, fixture.Shown(), $"compression {compression}, {length} of {file.Length} bytes");
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_fax_is_decoded_and_turned(int orientation)
    {
        // Group 4: two white, one black, two white pixels, then a white row, then the end.
        const string Bits = "00101110101" + "00011" + "000000000001" + "000000000001";
        byte[] strip = [.. Bits.Chunk(8).Select(c => Convert.ToByte(new string(c).PadRight(8, '0'), 2))];
        var (white, black) = ((255, 255, 255), (0, 0, 0));
        (int, int, int)[] shown = [white, white, black, white, white, white, white, white, white, white];
        var fixture = new TiffFixture(5, 2, 1, 0) { Compression = 4, Strip = strip, More = [(274, orientation)] };
        PictureAssert.Decodes(fixture.ToFile(), 5, 2, orientation == 1 ? shown : [.. shown.Reverse()], $"orientation {orientation}");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 3)]
    public void A_jpeg_in_a_tiff_is_decoded_and_turned(int photometric, int orientation)
    {
        using var mat = new Mat(16, 16, MatType.MakeType(MatType.CV_8U, photometric == 1 ? 1 : 3), Scalar.All(200));
        Cv2.Rectangle(mat, new Rect(0, 0, 16, 8), Scalar.All(40), -1);
        Cv2.ImEncode(".jpg", mat, out var strip, new ImageEncodingParam(ImwriteFlags.JpegQuality, 100));
        var fixture = new TiffFixture(16, 16, 8, photometric) { Compression = 7, Strip = strip, RowsPerStrip = 16, More = [(274, orientation)] };
        var shown = Enumerable.Range(0, 256).Select(i => i < 128 == (orientation == 1) ? (40, 40, 40) : (200, 200, 200));
        PictureAssert.Decodes(fixture.ToFile(), 16, 16, [.. shown], $"photometric {photometric}", tolerance: 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_orientation_is_applied(int orientation)
    {
        var fixture = new TiffFixture(5, 3, 8, 2);
        var stored = fixture.Shown();
        var turned = Enumerable.Range(0, 15).Select(i =>
        {
            var (width, height) = orientation >= 5 ? (3, 5) : (5, 3);
            var (x, y) = (i % width, i / width);
            var (column, row) = orientation switch
            {
                2 => (4 - x, y),
                3 => (4 - x, 2 - y),
                4 => (x, 2 - y),
                5 => (y, x),
                6 => (y, 2 - x),
                7 => (4 - y, 2 - x),
                _ => (4 - y, x),
            };
            return stored[(row * 5) + column];
        }).ToArray();
        var (across, down) = orientation >= 5 ? (3, 5) : (5, 3);
        PictureAssert.Decodes((fixture with { More = [(274, orientation)] }).ToFile(), across, down, turned, $"orientation {orientation}");
    }
}
