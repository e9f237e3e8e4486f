using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>Animated PNG files: a still picture with chunks of an animation.</summary>
public sealed class ApngReader() : ImageReader("apng", new PngParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/01-apng*.png"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        byte[] Control(int number, int width, int height, int x, int y) =>
            [0, 0, 0, (byte)number, 0, 0, 0, (byte)width, 0, 0, 0, (byte)height, 0, 0, 0, (byte)x, 0, 0, 0, (byte)y, 0, 1, 0, 10, 1, 1];
        int[] samples = [.. Enumerable.Range(0, 63 * 4).Select(i => i * 5 % 256)];
        byte[] still = ImageFixtures.Png(9, 7, 8, 6, samples, interlaced: false, ("acTL", [0, 0, 0, 2, 0, 0, 0, 0]), ("fcTL", Control(0, 9, 7, 0, 0)));
        byte[] second = ImageFixtures.Png(4, 3, 8, 6, [.. samples.Take(48)], interlaced: false);

        // The IDAT of the second file becomes the fdAT of the first, before its IEND.
        var start = second.AsSpan().IndexOf("IDAT"u8);
        var data = second.AsSpan(start + 4, second.Length - start - 4 - 4 - 12).ToArray();
        byte[] frame = [.. Chunk("fcTL", Control(1, 4, 3, 2, 1)), .. Chunk("fdAT", [0, 0, 0, 2, .. data])];
        byte[] moving = Format.Seal([.. still.AsSpan(0, still.Length - 12), .. frame, .. still.AsSpan(still.Length - 12)]);
        return [still, moving];
    }

    private static byte[] Chunk(string type, byte[] body) =>
        [0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. System.Text.Encoding.ASCII.GetBytes(type), .. body, 0, 0, 0, 0];
}
