using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Benchmarks;

/// <summary>The bytes of the image files of a folder, which are decoded and resized again and again.</summary>
/// <param name="folder">The folder, with its subfolders.</param>
internal sealed class EncodedImages(string folder)
{
    private const int Most = 256;

    private readonly byte[][] _files =
    [
        .. Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(IsImage).Order(StringComparer.Ordinal).Take(Most)
            .Select(File.ReadAllBytes),
    ];

    private int _next;

    /// <summary>Decodes the next images and resizes them to a square (letterbox).</summary>
    /// <param name="count">Number of images.</param>
    /// <param name="side">Side of the square in pixels.</param>
    public PixelBatch Next(int count, int side)
    {
        var images = new Pixels[count];
        var first = _next;
        Parallel.For(0, count, i =>
        {
            using var decoded = ImageDecoder.Read(new DecodeOptions(), new Sample(i, "", "", null), _files[(first + i) % _files.Length]).Value;
            images[i] = PadResize.Run(new PadResizeOptions { Side = side }, decoded);
        });
        _next = (first + count) % _files.Length;
        return PixelBatch.Stack(images);
    }

    private static bool IsImage(string file) => Path.GetExtension(file).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG";
}
