using System.Diagnostics;
using System.Globalization;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Tests.Imaging.Duplicates;

public class TwinFinderTests(ITestOutputHelper output)
{
    [Fact]
    public void Copies_of_sketches_are_found_with_their_kind_and_nothing_else_is()
    {
        var planted = new PlantedTwins(every: 12, copied: 20);
        var twins = TwinFinder.Find(planted.Images, new TwinOptions()).ToDictionary(t => (t.First, t.Second));
        Assert.All(planted.Copies, c =>
        {
            Assert.True(twins.TryGetValue((c.Original, c.Copy), out var twin), $"{c.Alteration} of {planted.Sketches[c.Original]} was not found.");
            var expected = c.Alteration == "the same pixels" ? TwinKind.Exact
                : c.Alteration.StartsWith("mirrored", StringComparison.Ordinal) ? TwinKind.Mirrored : TwinKind.Near;
            Assert.Equal(expected, twin.Kind);
        });
        // Each set is one sketch with its copies.
        var sets = TwinFinder.Join(planted.Images.Count, twins.Values);
        Assert.Equal(20, sets.Count);
        Assert.All(sets, set => Assert.Equal(1 + PlantedTwins.Alterations.Count, set.Count));
    }

    [Fact]
    public void Without_mirrored_copies_none_is_searched_for()
    {
        var planted = new PlantedTwins(every: 60, copied: 5);
        Assert.DoesNotContain(TwinFinder.Find(planted.Images, new TwinOptions { Mirrored = false }), t => t.Kind == TwinKind.Mirrored);
    }

    [Fact]
    public void The_search_finds_every_pair_that_a_comparison_of_all_pairs_finds()
    {
        var images = new PlantedTwins(every: 10, copied: 15).Images;
        var options = new TwinOptions { MinCorrelation = 0.95 };
        var mirrored = images.Select(i => i.Mirror()).ToList();
        var expected = Enumerable.Range(0, images.Count)
            .SelectMany(i => Enumerable.Range(i + 1, images.Count - i - 1).Select(j => (First: i, Second: j)))
            .Where(p => Math.Max(images[p.First].CorrelationWith(images[p.Second]), images[p.First].CorrelationWith(mirrored[p.Second])) >= 0.95);
        var found = TwinFinder.Find(images, options);
        Assert.Equal(Sets(images.Count, expected), Sets(images.Count, found.Select(t => (t.First, t.Second))));

        static IEnumerable<string> Sets(int count, IEnumerable<(int First, int Second)> pairs) =>
            TwinFinder.Join(count, pairs.Select(p => new Twin(p.First, p.Second, TwinKind.Near, 1))).Select(s => string.Join(' ', s));
    }

    [Fact]
    public void Empty_sheets_are_copies_only_of_equal_ones()
    {
        var images = ((int, int, byte)[])[(40, 40, 255), (40, 40, 255), (40, 40, 250), (80, 20, 255)];
        var fingerprints = images.Select(i => Fingerprint(i.Item1, i.Item2, (_, _) => i.Item3)).ToList();
        Assert.Equal([new Twin(0, 1, TwinKind.Exact, 1)], TwinFinder.Find(fingerprints, new TwinOptions()));
        Assert.Empty(TwinFinder.Find([], new TwinOptions()));
    }

    [Fact]
    public void Many_equal_images_are_one_set_in_linear_time()
    {
        var one = Fingerprint(40, 40, (x, y) => (byte)(x * y));
        var images = Enumerable.Repeat(one, 20_000).ToList();
        var twins = TwinFinder.Find(images, new TwinOptions());
        Assert.Equal(19_999, twins.Count);
        Assert.Equal(20_000, Assert.Single(TwinFinder.Join(images.Count, twins)).Count);
    }

    [Fact]
    public void Sets_join_copies_of_copies()
    {
        Twin[] twins = [new(4, 7, TwinKind.Near, 1), new(1, 4, TwinKind.Exact, 1), new(2, 9, TwinKind.Mirrored, 1)];
        Assert.Equal(["1 4 7", "2 9"], TwinFinder.Join(10, twins).Select(s => string.Join(' ', s)));
    }

    [Long]
    [Fact]
    public void Precision_and_recall_by_threshold_over_all_sketches_of_PACS()
    {
        var planted = new PlantedTwins(every: 1, copied: 200);
        var watch = Stopwatch.StartNew();
        var twins = TwinFinder.Find(planted.Images, new TwinOptions { MinCorrelation = 0.9 });
        output.WriteLine($"{planted.Images.Count} images in {watch.Elapsed.TotalSeconds:0.00} s");
        var source = planted.Copies.ToDictionary(c => c.Copy, c => c.Original);
        bool IsTrue(Twin t) => source.GetValueOrDefault(t.First, t.First) == source.GetValueOrDefault(t.Second, t.Second);
        foreach (var threshold in (double[])[0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99])
        {
            var kept = twins.Where(t => t.Kind == TwinKind.Exact || t.Correlation >= threshold).ToList();
            var found = kept.Select(t => (t.First, t.Second)).ToHashSet();
            var recall = planted.Copies.Count(c => found.Contains((c.Original, c.Copy))) / (double)planted.Copies.Count;
            var own = kept.Where(t => t.Second < planted.Sketches.Length).ToList();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{threshold}: recall {recall:0.0000}, false pairs {kept.Count(t => !IsTrue(t) && !own.Contains(t))}, pairs of sketches {own.Count}"));
            output.WriteLine(string.Join(
                ", ", planted.Copies.GroupBy(c => c.Alteration).Select(g => $"{g.Key} {g.Count(c => found.Contains((c.Original, c.Copy)))}")));
            output.WriteLine(string.Join("; ", own.OrderByDescending(t => t.Correlation).Take(12)
                .Select(t => $"{t.Kind} {t.Correlation:0.000} {planted.Sketches[t.First].ImagePath} {planted.Sketches[t.Second].ImagePath}")));
        }

        var atDefault = twins.Where(t => t.Kind == TwinKind.Exact || t.Correlation >= new TwinOptions().MinCorrelation).ToList();
        var pairs = atDefault.Select(t => (t.First, t.Second)).ToHashSet();
        Assert.True(planted.Copies.Count(c => pairs.Contains((c.Original, c.Copy))) >= 0.99 * planted.Copies.Count);
        Assert.True(atDefault.Count(IsTrue) >= 0.99 * atDefault.Count);
    }

    [Long]
    [Fact]
    public void Of_fifteen_thousand_images_few_pairs_are_compared()
    {
        var sketches = new PlantedTwins(every: 1, copied: 0).Images;
        // Blends of two sketches resemble each other, like drawings of one class.
        var images = Enumerable.Range(0, 15_000).Select(i =>
        {
            var random = KeyedRandom.For(1, 0, i, "blend");
            var (a, b) = (sketches[random.NextInteger(0, sketches.Count)], sketches[random.NextInteger(0, sketches.Count)]);
            var (first, second) = (a.Levels.ToArray(), b.Levels.ToArray());
            return Fingerprint(ImageFingerprint.Side, ImageFingerprint.Side, (x, y) =>
                (byte)((first[(y * ImageFingerprint.Side) + x] + second[(y * ImageFingerprint.Side) + x]) / 2));
        }).ToList();
        var compared = TwinFinder.CountComparisons(images);
        // All pairs, plain and mirrored.
        var all = (long)images.Count * (images.Count - 1);
        output.WriteLine($"15,000 images: {compared} of {all} comparisons");
        Assert.InRange(compared, 1, all / 100);
    }

    private static ImageFingerprint Fingerprint(int width, int height, Func<int, int, byte> level)
    {
        var bytes = Enumerable.Range(0, width * height).Select(i => level(i % width, i / width)).ToArray();
        using var pixels = SketchFlow.Data.Images.Pixels.From(new SketchFlow.Data.Datasets.Sample(0, "a.png", "/none/a.png", 0), width, height, 1, bytes);
        return ImageFingerprint.Compute(pixels);
    }
}
