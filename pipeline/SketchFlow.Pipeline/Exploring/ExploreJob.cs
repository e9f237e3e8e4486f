using System.Collections.Immutable;
using System.Security.Cryptography;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Statistics;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>
/// files ─> decode ─> measure, for the images of all splits in one pass, and then the search for copies, outliers and similar classes,
/// and a map. Computes only; <see cref="ExplorationFiles"/> writes. No libtorch is loaded.
/// </summary>
internal static class ExploreJob
{
    private static readonly DecodeOptions _decoding = new();

    /// <summary>Explores a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="workers">Number of images that are measured in parallel.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static DataExploration Run(DataSet data, int workers, ProgressBarFactory progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(progress);
        var (images, rejected) = (new List<ExploredImage>(), new List<SplitRejection>());
        (string Name, ImmutableArray<Sample> Samples)[] splits = [("train", data.Train), ("val", data.Validation), ("test", data.Test)];
        using (var bar = progress("images", splits.Sum(s => s.Samples.Length), "images"))
        {
            foreach (var (split, samples) in splits)
            {
                Flow.From("files", samples)
                    .Map("decode", sample => ImageDecoder.Read(_decoding, sample), workers)
                    .Map("measure", pixels => Measure(split, pixels), workers)
                    .Run(
                        image =>
                        {
                            images.Add(image);
                            bar.Report(images.Count + rejected.Count);
                        },
                        r => rejected.Add(new SplitRejection(split, r)),
                        cancellation);
            }
        }

        if (images.Count == 0)
        {
            throw new RefusalException(
                $"None of the {rejected.Count} images of {data.Name} could be used"
                + $"{(rejected.Count > 0 ? $"; the first was rejected as {rejected[0].Rejected}" : "")}.");
        }

        using var status = progress("searching for copies and similar classes, and drawing a map", 0, "");
        var options = new TwinOptions();
        var twins = TwinFinder.Find(images.ConvertAll(i => i.Fingerprint), images.ConvertAll(i => i.Strokes), options);
        return new DataExploration
        {
            Data = data,
            Images = [.. images],
            Rejected = [.. rejected],
            Twins = Order(images, twins),
            IsTwinsCut = twins.Count >= options.MaxPairs,
            SimilarClasses = SimilarClasses.Find(images, data.Classes.Length),
            Outliers = ImageMeasure.FindOutliers(images),
            Map = ImageMap.Create(images.Count, i => ImageMap.StrokeVector(images[i]), workers, cancellation),
        };
    }

    private static Outcome<ExploredImage> Measure(string split, Pixels pixels)
    {
        var sample = pixels.Sample;
        try
        {
            using var stream = sample.OpenRead();
            var start = new byte[FileKind.BytesNeeded];
            var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return new ExploredImage
            {
                Split = split,
                Sample = sample,
                Format = FormatOf(FileKind.Recognise(start.AsSpan(0, read))),
                Bytes = stream.Length,
                Measures = ImageMeasures.Measure(pixels),
                Fingerprint = ImageFingerprint.Compute(pixels),
                Strokes = StrokeFingerprint.Compute(pixels),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return sample.Reject("changed while it was read");
        }
    }

    // Kinds are named with their article, such as "a JPEG image".
    private static string FormatOf(FileKind? kind) => kind is null
        ? "other"
        : kind.Name.Replace("an ", "", StringComparison.Ordinal).Replace("a ", "", StringComparison.Ordinal).Replace(" image", "", StringComparison.Ordinal);

    private static ImmutableArray<ImageTwin> Order(List<ExploredImage> images, IReadOnlyList<Twin> twins)
    {
        var hashes = new Dictionary<int, string?>();
        string? HashOf(int image)
        {
            if (!hashes.TryGetValue(image, out var hash))
            {
                hashes.Add(image, hash = Hash(images[image].Sample));
            }

            return hash;
        }

        bool IsSameFile(Twin t) => t.Kind == TwinKind.Exact && images[t.First].Bytes == images[t.Second].Bytes
            && HashOf(t.First) is { } first && first == HashOf(t.Second);
        return
        [
            .. twins.Select(t => new ImageTwin(images[t.First], images[t.Second], t.Kind, t.Correlation, IsSameFile(t)))
                .OrderByDescending(t => t.IsAcrossSplits).ThenByDescending(t => t.IsAcrossClasses).ThenBy(t => t.Kind).ThenByDescending(t => t.Correlation),
        ];
    }

    private static string? Hash(Sample sample)
    {
        try
        {
            using var stream = sample.OpenRead();
            return Convert.ToHexString(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
