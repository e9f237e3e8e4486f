using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Inspection;

/// <summary>Images for benchmarks of the loader: real sketches as JPEGs with the sizes and qualities of the competition's images.</summary>
public static class BenchmarkImages
{
    /// <summary>
    /// Enlarges images (cubic) to a random width and height in 400-800 px and writes them as three-component JPEGs of quality 80-95,
    /// like OpenCV's <c>imread</c>, <c>resize</c> and <c>imwrite</c>. Existing files are kept.
    /// </summary>
    /// <param name="samples">Readable images; reused in order where there are fewer than <paramref name="count"/>.</param>
    /// <param name="folder">Folder of the files <c>0.jpg</c>, <c>1.jpg</c>, …</param>
    /// <param name="count">Number of files.</param>
    /// <param name="seed">Seed of the sizes and qualities.</param>
    /// <returns>One sample per file, with the target of its original.</returns>
    public static IReadOnlyList<Sample> Write(IReadOnlyList<Sample> samples, string folder, int count, long seed)
    {
        var made = new Sample[count];
        Parallel.For(0, count, i =>
        {
            var original = samples[i % samples.Count];
            var name = $"{i}.jpg";
            made[i] = new Sample(i, name, Path.Combine(folder, name), original.Target);
            if (File.Exists(made[i].File))
            {
                return;
            }

            var random = KeyedRandom.For(seed, 0, i, "benchmark image");
            var size = new Size(random.NextInteger(400, 801), random.NextInteger(400, 801));
            var quality = random.NextInteger(80, 96);
            using var source = Cv2.ImRead(original.File, ImreadModes.Color);
            using var large = new Mat();
            Cv2.Resize(source, large, size, 0, 0, InterpolationFlags.Cubic);
            Cv2.ImEncode(".jpg", large, out var bytes, new ImageEncodingParam(ImwriteFlags.JpegQuality, quality));
            WholeFile.Write(made[i].File, stream => stream.Write(bytes));
        });
        return made;
    }

    /// <summary>Reads a file and decodes it in colour, and does nothing else: the baseline of the benchmark.</summary>
    /// <returns>Number of pixels in the image.</returns>
    public static long DecodeInColour(Sample sample)
    {
        MatView.Initialize();
        using var image = Cv2.ImDecode(File.ReadAllBytes(sample.File), ImreadModes.Color);
        return (long)image.Rows * image.Cols;
    }
}
