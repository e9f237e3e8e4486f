using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>GIF files, written code by code: a whole first frame is enough, and is drawn on white.</summary>
public sealed class GifDecoderTests
{
    [Property(MaxTest = 200)]
    public Property The_first_frame_decodes_on_white_in_any_screen() => Prop.ForAll(
        (from frame in Gen.Choose(1, 24).Two()
         from corner in Gen.Choose(0, 5).Two()
         from screen in Gen.Choose(0, 40).Two()
         from flags in Gen.Choose(0, 15)
         from seed in Gen.Choose(0, 100_000)
         select new GifFixture(screen, corner, frame)
         {
             Interlaced = (flags & 1) != 0,
             Transparent = (flags & 2) != 0,
             LocalPalette = (flags & 4) != 0,
             Frames = (flags & 8) != 0 ? 3 : 1,
             Seed = seed,
         }).ToArbitrary(),
        fixture =>
        {
            PictureAssert.Decodes(fixture.ToFile().File, fixture.Canvas.Width, fixture.Canvas.Height, fixture.Shown(), fixture.ToString());
            return true;
        });

    [Fact]
    public void Bytes_after_the_first_frame_may_be_missing_or_damaged()
    {
        var fixture = new GifFixture((20, 11), (0, 0), (20, 11)) { Frames = 2 };
        var (file, needed) = fixture.ToFile();
        for (var length = 1; length < file.Length; length++)
        {
            if (length >= needed)
            {
                PictureAssert.Decodes(file[..length], 20, 11, fixture.Shown(), $"{length} bytes");
                byte[] damaged = [.. file[..length], .. Enumerable.Repeat((byte)0xA7, file.Length - length)];
                PictureAssert.Decodes(damaged, 20, 11, fixture.Shown(), $"damaged from {length} on");
            }
            else
            {
                PictureAssert.IsRejected(file[..length], length < 6 ? "not an image" : "GIF");
            }
        }
    }

    [Theory]
    [InlineData("no colours", 10, 0x03, "no table of colours")]
    [InlineData("a frame of no width", 66, 0, "first frame has 0x11 pixels")]
    [InlineData("codes of 13 bits", 71, 13, "codes of 13 bits")]
    public void Other_files_are_rejected_with_the_reason(string kind, int at, byte value, string reason)
    {
        var (file, _) = new GifFixture((20, 11), (0, 0), (20, 11)).ToFile();
        Assert.Equal((0x2C, 20, 11, 4), (file[61], file[66], file[68], file[71]));
        file[at] = value;
        if (kind == "no colours")
        {
            file = [.. file[..13], .. file[61..]];
        }

        PictureAssert.IsRejected(file, reason);
    }

    [Fact]
    public void An_invalid_code_is_a_rejection()
    {
        var (file, _) = new GifFixture((4, 1), (0, 0), (4, 1)).ToFile();

        // The code right after a clear code is one that no symbol has.
        file[73] = 16 | (31 << 5) & 0xFF;
        file[74] |= 3;
        PictureAssert.IsRejected(file, "of 4 pixels in its first frame");
    }
}
