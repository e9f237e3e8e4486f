using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Tests.Imaging.Duplicates;

/// <summary>Sketches of PACS, followed by altered copies of some of them.</summary>
internal sealed class PlantedTwins
{
    private static readonly DecodeOptions Decoding = new();

    private readonly List<ImageFingerprint> _images = [];

    /// <param name="every">Number of sketches per sketch that is read, so that 1 reads all.</param>
    /// <param name="copied">Number of sketches of which copies are added.</param>
    public PlantedTwins(int every, int copied)
    {
        Sketches = [.. DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch")).Train.Where((_, i) => i % every == 0)];
        foreach (var sample in Sketches)
        {
            using var pixels = ImageDecoder.Read(Decoding, sample).Value;
            _images.Add(ImageFingerprint.Compute(pixels));
        }

        for (var k = 0; k < copied; k++)
        {
            var original = (int)((long)k * Sketches.Length / copied);
            using var pixels = ImageDecoder.Read(Decoding, Sketches[original]).Value;
            foreach (var (name, alter) in Alterations)
            {
                using var copy = alter(pixels);
                Copies.Add((original, _images.Count, name));
                _images.Add(ImageFingerprint.Compute(copy));
            }
        }
    }

    /// <summary>Alterations of a copy by name.</summary>
    public static IReadOnlyList<(string Name, Func<Pixels, Pixels> Alter)> Alterations { get; } =
    [
        ("the same pixels", p => p.Clone()),
        ("JPEG of quality 40", p => Jpeg(p, 40)),
        ("JPEG of quality 10", p => Jpeg(p, 10)),
        ("half the size", p => Scale(p, 0.5)),
        ("70 % of the size", p => Scale(p, 0.7)),
        ("180 % of the size", p => Scale(p, 1.8)),
        ("darker", p => Levels(p, v => 0.8 * v)),
        ("less contrast", p => Levels(p, v => 60 + (0.7 * v))),
        ("mirrored", Mirror),
        ("mirrored, 70 % of the size, JPEG of quality 40", p => Then(Then(Mirror(p), m => Scale(m, 0.7)), s => Jpeg(s, 40))),
    ];

    /// <summary>The sketches, the first of the images.</summary>
    public Sample[] Sketches { get; }

    /// <summary>Fingerprints of the sketches and then of the copies.</summary>
    public IReadOnlyList<ImageFingerprint> Images => _images;

    /// <summary>Indices of original and copy, and the alteration.</summary>
    public List<(int Original, int Copy, string Alteration)> Copies { get; } = [];

    public static Pixels Jpeg(Pixels pixels, int quality) => ImageDecoder.Read(Decoding, pixels.Sample, ImageEncoder.ToJpeg(pixels, quality)).Value;

    public static Pixels Scale(Pixels pixels, double factor) => PadResize.Stretch(pixels, (int)(pixels.Width * factor), (int)(pixels.Height * factor));

    public static Pixels Levels(Pixels pixels, Func<double, double> level)
    {
        var changed = pixels.Clone();
        foreach (ref var value in changed.Bytes)
        {
            value = (byte)Math.Clamp(level(value), 0, 255);
        }

        return changed;
    }

    public static Pixels Mirror(Pixels pixels)
    {
        var mirrored = pixels.Clone();
        var from = pixels.Bytes;
        var to = mirrored.Bytes;
        var c = pixels.Channels;
        for (var y = 0; y < pixels.Height; y++)
        {
            for (var x = 0; x < pixels.Width; x++)
            {
                from.Slice(((y * pixels.Width) + x) * c, c).CopyTo(to[(((y * pixels.Width) + pixels.Width - 1 - x) * c)..]);
            }
        }

        return mirrored;
    }

    private static Pixels Then(Pixels pixels, Func<Pixels, Pixels> alter)
    {
        using (pixels)
        {
            return alter(pixels);
        }
    }
}
