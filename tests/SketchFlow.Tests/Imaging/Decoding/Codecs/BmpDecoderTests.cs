using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>BMP files with channel masks, alpha, runs and every header, written byte by byte.</summary>
public sealed class BmpDecoderTests
{
    [Property(MaxTest = 300)]
    public Property Any_masks_decode_to_the_picture_that_was_written() => Prop.ForAll(
        (from bits in Gen.Elements(16, 32)
         from alpha in Gen.Elements(false, true)
         from clear in Gen.Elements(false, true)
         from header in alpha ? Gen.Elements(56, 108, 124, 6) : Gen.Elements(40, 52, 56, 108, 124)
         from topDown in Gen.Elements(false, true)
         from size in Gen.Choose(1, 20).Two()
         from seed in Gen.Choose(0, 100_000)
         select new BmpFixture(size.Item1, size.Item2, bits)
         {
             // With BI_ALPHABITFIELDS four masks follow the smallest header.
             Masks = BmpFixture.RandomMasks(bits, alpha, new Random(seed)),
             HeaderSize = header == 6 ? 40 : header,
             Compression = header == 6 ? 6 : 3,
             TopDown = topDown,
             ClearAlpha = alpha && clear,
             Seed = seed,
         }).ToArbitrary(),
        fixture =>
        {
            PictureAssert.Decodes(fixture.ToFile(), fixture.Width, fixture.Height, fixture.Shown(), fixture.ToString());
            return true;
        });

    [Theory]
    [InlineData(16, 40)]
    [InlineData(24, 40)]
    [InlineData(32, 40)]
    [InlineData(16, 64)]
    [InlineData(24, 124)]
    [InlineData(32, 108)]
    public void Files_without_masks_have_five_or_eight_bits_per_channel(int bits, int header)
    {
        var fixture = new BmpFixture(7, 5, bits) { HeaderSize = header, Seed = bits };
        PictureAssert.Decodes(fixture.ToFile(), 7, 5, fixture.Shown(), fixture.ToString());
    }

    [Fact]
    public void White_of_five_and_six_bits_is_white()
    {
        var fixture = new BmpFixture(1, 1, 16) { Masks = [0xF800, 0x7E0, 0x1F, 0] };
        var file = fixture.ToFile();
        (file[66], file[67]) = (255, 255);
        PictureAssert.Decodes(file, 1, 1, [(255, 255, 255)], "565");
    }

    [Fact]
    public void A_core_header_has_a_palette_of_three_bytes()
    {
        // OS/2's first header: 4 bits, two rows of three pixels.
        byte[] palette = [.. Enumerable.Range(0, 48).Select(i => (byte)(i * 5))];
        byte[] file = [.. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 74, 0, 0, 0, 12, 0, 0, 0, 3, 0, 2, 0, 1, 0, 4, 0, .. palette, 0x12, 0x30, 0, 0, 0x45, 0x60, 0, 0];
        PictureAssert.Decodes(file, 3, 2, [.. new[] { 4, 5, 6, 1, 2, 3 }.Select(i => (i * 15 + 10, i * 15 + 5, i * 15))], "core header");
    }

    [Theory]
    [InlineData("two bits", 2, 0, new byte[] { 0b00011011, 0, 0, 0 }, new[] { 0, 1, 2, 3 })]
    [InlineData("runs of 8 bits", 8, 1, new byte[] { 2, 3, 0, 2, 1, 0, 1, 2, 0, 0, 0, 1 }, new[] { 3, 3, 0, 2 })]
    [InlineData("literals of 8 bits", 8, 1, new byte[] { 0, 3, 1, 2, 3, 0, 1, 1, 0, 1 }, new[] { 1, 2, 3, 1 })]
    [InlineData("runs of 4 bits", 4, 2, new byte[] { 3, 0x12, 1, 0x30, 0, 1 }, new[] { 1, 2, 1, 3 })]
    [InlineData("literals of 4 bits", 4, 2, new byte[] { 0, 4, 0x12, 0x31, 0, 1 }, new[] { 1, 2, 3, 1 })]
    [InlineData("runs without their end", 8, 1, new byte[] { 4, 2 }, new[] { 2, 2, 2, 2 })]
    [InlineData("runs that leave the rest at 0", 8, 1, new byte[] { 1, 2, 0, 1 }, new[] { 2, 0, 0, 0 })]
    public void Indices_decode_to_their_colours(string kind, int bits, int compression, byte[] data, int[] indices)
    {
        var file = Indexed(4, bits, compression, data);
        PictureAssert.Decodes(file, 4, 1, [.. indices.Select(i => (i * 60 + 2, i * 60 + 1, i * 60))], kind);
    }

    [Theory]
    [InlineData("runs that end early", 8, 1, new byte[] { 3, 2 }, "runs are incomplete")]
    [InlineData("a run over the edge", 8, 1, new byte[] { 5, 2, 0, 1 }, "runs are incomplete")]
    [InlineData("a literal that is cut", 8, 1, new byte[] { 0, 4, 1, 2 }, "runs are incomplete")]
    [InlineData("a JPEG", 8, 4, new byte[] { 0, 0, 0, 0 }, "it contains a JPEG")]
    [InlineData("a PNG", 8, 5, new byte[] { 0, 0, 0, 0 }, "it contains a PNG")]
    [InlineData("runs of 24 bits", 24, 4, new byte[] { 0, 0, 0, 0 }, "a kind of BMP that is not supported")]
    [InlineData("an unknown compression", 8, 11, new byte[] { 0, 0, 0, 0 }, "compression 11")]
    [InlineData("12 bits", 12, 0, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "12-bit RGB")]
    public void Other_files_are_rejected_with_the_reason(string kind, int bits, int compression, byte[] data, string reason)
    {
        Assert.NotNull(kind);
        PictureAssert.IsRejected(Indexed(4, bits, compression, data), reason);
    }

    [Theory]
    [InlineData(0xFF0000u, 0xFF00u, 0xFF00u)]
    [InlineData(0xFF0000u, 0xFF00u, 0u)]
    [InlineData(0xFF0000u, 0xFF00u, 0xF0Fu)]
    public void Masks_that_overlap_or_are_empty_or_split_are_rejected(uint red, uint green, uint blue)
    {
        var file = new BmpFixture(2, 2, 32) { Masks = [red, green, blue, 0] }.ToFile();
        PictureAssert.IsRejected(file, "a kind of BMP that is not supported: channel masks");
    }

    // Index i has the colour (60 i + 2, 60 i + 1, 60 i); the palette has four colours.
    private static byte[] Indexed(int width, int bits, int compression, byte[] data)
    {
        byte[] palette = [.. Enumerable.Range(0, 4).SelectMany(i => new[] { (byte)(i * 60), (byte)(i * 60 + 1), (byte)(i * 60 + 2), (byte)0 })];
        byte[] start = [40, 0, 0, 0, (byte)width, 0, 0, 0, 1, 0, 0, 0, 1, 0, (byte)bits, 0, (byte)compression, 0, 0, 0];
        byte[] header = [.. start, .. new byte[12], 4, 0, 0, 0, 0, 0, 0, 0];
        return [.. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 70, 0, 0, 0, .. header, .. palette, .. data];
    }
}
