using System.Text;
using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>Exif blocks in a sound JPEG and in a sound PNG, which any block leaves readable.</summary>
public sealed class ExifReader() : Reader("exif", new TiffParts())
{
    private const int MaxSegment = 65_000;
    private static readonly Sample _sample = new(0, "x", "x", 0);
    private static readonly byte[] _jpeg = ImageFixtures.FlatJpeg([90], [200], adobe: -1);

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
        [.. Enumerable.Range(1, 8).SelectMany(o => (byte[][])[ImageFixtures.Exif(o, little: true), ImageFixtures.Exif(o, little: false)])];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        if (input.Length > MaxSegment)
        {
            return "larger than a segment";
        }

        byte[] jpeg = ImageFixtures.WithSegment(_jpeg, 0xE1, [.. Encoding.ASCII.GetBytes("Exif\0\0"), .. input]);
        byte[] png = ImageFixtures.Png(16, 8, 8, 0, new int[128], interlaced: false, ("eXIf", input));
        foreach (var file in (byte[][])[jpeg, png])
        {
            var outcome = ImageDecoder.Read(new DecodeOptions { RememberGrey = false }, _sample, file);
            if (outcome.Rejection is { } rejection)
            {
                return rejection.Reason;
            }

            using var pixels = outcome.Value;
            if ((pixels.Width, pixels.Height) is not ((16, 8) or (8, 16)))
            {
                throw new InvalidOperationException($"the block made {pixels.Width}x{pixels.Height} pixels of 16x8");
            }
        }

        return null;
    }
}
