using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Duplicates;

/// <summary>Sketches of PACS and Sketchy, followed by exact, mirrored, inverted and thickened copies of some of them.</summary>
internal sealed class PlantedStrokes
{
    private static readonly DecodeOptions _decoding = new();

    /// <param name="every">Number of sketches per sketch that is read, so that 1 reads all.</param>
    /// <param name="copied">Number of sketches of which one copy of each kind is added.</param>
    public PlantedStrokes(int every, int copied)
    {
        Sketches =
        [
            .. ((string[])["pacs-sketch", "sketchy125"])
                .SelectMany(d => DataSetReader.Read(Path.Combine(Reference.Folder, "data", d)).Train).Where((_, i) => i % every == 0),
        ];
        var images = new (ImageFingerprint Image, StrokeFingerprint Strokes)[Sketches.Length + (4 * copied)];
        Parallel.For(0, Sketches.Length, i =>
        {
            using var pixels = ImageDecoder.Read(_decoding, Sketches[i]).Value;
            images[i] = Fingerprints(pixels);
        });
        Parallel.For(0, copied, k =>
        {
            using var pixels = ImageDecoder.Read(_decoding, Sketches[Original(k)]).Value;
            foreach (var (kind, at) in Kinds.Select((kind, at) => (kind, at)))
            {
                using var copy = Alter(pixels, kind, k);
                images[Sketches.Length + (4 * k) + at] = Fingerprints(copy);
            }
        });
        Images = [.. images.Select(i => i.Image)];
        Strokes = [.. images.Select(i => i.Strokes)];
        Copies = [.. Enumerable.Range(0, 4 * copied).Select(i => (Original(i / 4), Sketches.Length + i, Kinds[i % 4]))];

        int Original(int k) => (int)((long)k * Sketches.Length / copied);
    }

    /// <summary>Kinds of copies.</summary>
    public static IReadOnlyList<TwinKind> Kinds { get; } = [TwinKind.Exact, TwinKind.Mirrored, TwinKind.Inverted, TwinKind.Thickened];

    /// <summary>The sketches, the first of the images.</summary>
    public Sample[] Sketches { get; }

    /// <summary>Fingerprints of the sketches and then of the copies.</summary>
    public IReadOnlyList<ImageFingerprint> Images { get; }

    /// <summary>Fingerprints of the strokes of the same images.</summary>
    public IReadOnlyList<StrokeFingerprint> Strokes { get; }

    /// <summary>Indices of original and copy, and the kind.</summary>
    public IReadOnlyList<(int Original, int Copy, TwinKind Kind)> Copies { get; }

    // Strokes get 1 to 3 pixels wider on each side, of images with about 256 pixels a side, half of them without closing the paper between them.
    private static Pixels Alter(Pixels pixels, TwinKind kind, int k) => kind switch
    {
        TwinKind.Exact => pixels.Clone(),
        TwinKind.Mirrored => PlantedTwins.Mirror(pixels),
        TwinKind.Inverted => PlantedTwins.Levels(pixels, v => 255 - v),
        _ => StrokeWidth.Thicken(pixels, KeyedRandom.For(1, 0, k, "thickened").NextInteger(1, 4), keepSkeleton: k % 2 == 0),
    };

    private static (ImageFingerprint Image, StrokeFingerprint Strokes) Fingerprints(Pixels pixels) =>
        (ImageFingerprint.Compute(pixels), StrokeFingerprint.Compute(pixels));
}
