using System.Diagnostics;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Duplicates;

/// <summary>Copies with inverted levels or other widths of strokes, among sketches of PACS and Sketchy.</summary>
public sealed class StrokeTwinsTests(ITestOutputHelper output)
{
    [Fact]
    public void Exact_mirrored_inverted_and_thickened_copies_are_found_with_their_kinds()
    {
        var planted = new PlantedStrokes(every: 15, copied: 40);
        var twins = TwinFinder.Find(planted.Images, planted.Strokes, new TwinOptions()).ToDictionary(t => (t.First, t.Second));
        Assert.All(planted.Copies.Where(c => c.Kind != TwinKind.Thickened), c => Assert.Equal(c.Kind, Find(c)?.Kind));
        // Strokes that get wider by 2 % are a near copy.
        var thickened = planted.Copies.Where(c => c.Kind == TwinKind.Thickened).Select(Find).ToList();
        Assert.All(thickened.OfType<Twin>(), t => Assert.Contains(t.Kind, (TwinKind[])[TwinKind.Near, TwinKind.Thickened]));
        Assert.True(thickened.Count(t => t is not null) >= 0.85 * thickened.Count);

        Twin? Find((int Original, int Copy, TwinKind Kind) c) => twins.TryGetValue((c.Original, c.Copy), out var twin) ? twin : null;
    }

    [Fact]
    public void A_negative_has_the_strokes_of_its_original_and_a_mirrored_one_is_inverted_too()
    {
        var sketches = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch")).Train.Where((_, i) => i % 150 == 0)
            .Select(s => ImageDecoder.Read(new DecodeOptions(), s).Value).ToList();
        using var negative = PlantedTwins.Levels(sketches[0], v => 255 - v);
        using var mirrored = PlantedTwins.Mirror(negative);
        var (images, strokes) = Fingerprints([.. sketches, negative, mirrored]);
        var (first, second) = (sketches.Count, sketches.Count + 1);
        Assert.Equal(strokes[0].Levels.ToArray(), strokes[first].Levels.ToArray());
        Assert.Equal(1, strokes[0].OverlapWith(strokes[second].Mirror()));
        Assert.Equal([(0, first), (0, second)], Inverted(TwinFinder.Find(images, strokes, new TwinOptions())));
        Assert.Equal([(0, first)], Inverted(TwinFinder.Find(images, strokes, new TwinOptions { Mirrored = false })));
        sketches.ForEach(s => s.Dispose());

        static IEnumerable<(int, int)> Inverted(IEnumerable<Twin> twins) =>
            twins.Where(t => t.Kind == TwinKind.Inverted).Select(t => (t.First, t.Second));
    }

    [Fact]
    public void Strokes_overlap_with_thicker_ones_and_not_with_strokes_elsewhere()
    {
        using var drawing = TestImages.Drawing(128, 128);
        using var thick = StrokeWidth.Thicken(drawing, 2);
        using var blank = PlantedTwins.Levels(drawing, _ => 255);
        var strokes = Fingerprints(drawing, thick, blank).Strokes;
        Assert.Equal(1, strokes[0].OverlapWith(strokes[0]));
        Assert.Equal(1, strokes[0].OverlapWith(strokes[1]));
        Assert.Equal(1, strokes[1].OverlapWith(strokes[0]));
        Assert.Equal(strokes[0].Levels.ToArray(), strokes[0].Mirror().Mirror().Levels.ToArray());
        Assert.Equal(1, strokes[0].OverlapWith(strokes[0].Mirror().Mirror()));
        Assert.True(strokes[0].OverlapWith(strokes[0].Mirror()) < 0.9);
        Assert.Equal((0, true), (strokes[0].OverlapWith(strokes[2]), strokes[2].IsBlank));
    }

    [Fact]
    public void The_search_stops_at_its_largest_number_of_pairs_and_refuses_other_numbers_of_strokes()
    {
        using var drawing = TestImages.Drawing(120, 90);
        var levels = Enumerable.Range(0, 12).Select(i => PlantedTwins.Levels(drawing, v => v - (3 * i))).ToArray();
        var (images, strokes) = Fingerprints(levels);
        Assert.Equal(66, TwinFinder.Find(images, strokes, new TwinOptions()).Count);
        Assert.Equal(10, TwinFinder.Find(images, strokes, new TwinOptions { MaxPairs = 10 }).Count);
        Assert.Throws<ArgumentException>(() => TwinFinder.Find(images, strokes.Take(3).ToList(), new TwinOptions()));
        Array.ForEach(levels, l => l.Dispose());
    }

    [Fact]
    public void Blank_sheets_are_no_thickened_copies()
    {
        using var white = PlantedTwins.Levels(TestImages.Drawing(60, 60), _ => 255);
        using var noise = PlantedTwins.Levels(TestImages.Drawing(60, 60), v => v > 240 ? 255 : 250);
        var (images, strokes) = Fingerprints(white, noise, white);
        Assert.Equal([new Twin(0, 2, TwinKind.Exact, 1)], TwinFinder.Find(images, strokes, new TwinOptions()));
    }

    [Long]
    [Fact]
    public void Precision_and_recall_of_each_kind_over_two_thousand_planted_copies()
    {
        const int Copied = 2000;
        var planted = new PlantedStrokes(every: 1, copied: Copied);
        var watch = Stopwatch.StartNew();
        var twins = TwinFinder.Find(planted.Images, planted.Strokes, new TwinOptions { MinStrokeCorrelation = 0.94, MinStrokeOverlap = 0 });
        output.WriteLine($"{planted.Images.Count} images, {planted.Sketches.Length} of them sketches, in {watch.Elapsed.TotalSeconds:0.00} s");
        var overlaps = twins.ToDictionary(t => t, t => t.Kind == TwinKind.Thickened ? Overlap(planted, t) : 1);
        var source = planted.Copies.ToDictionary(c => c.Copy, c => c.Original);
        foreach (var correlation in (double[])[0.94, 0.96, 0.97, 0.98, 0.99])
        {
            foreach (var overlap in (double[])[0, 0.9, 0.94, 0.96, 0.97, 0.98])
            {
                var kept = twins.Where(t => t.Kind != TwinKind.Thickened || (t.Correlation >= correlation && overlaps[t] >= overlap)).ToList();
                var (recall, precision) = Measure(TwinKind.Thickened, kept);
                // Pairs of two sketches may be copies that were not planted.
                var natural = kept.Count(t => t.Second < planted.Sketches.Length);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{correlation} {overlap}: recall {recall:0.0000}, precision {precision:0.0000} of thickened copies, {natural} pairs of sketches"));
            }
        }

        var options = new TwinOptions();
        var found = twins.Where(t =>
            t.Kind != TwinKind.Thickened || (t.Correlation >= options.MinStrokeCorrelation && overlaps[t] >= options.MinStrokeOverlap));
        foreach (var kind in PlantedStrokes.Kinds)
        {
            var (recall, precision) = Measure(kind, [.. found]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind}: recall {recall:0.0000}, precision {precision:0.0000}"));
            var least = kind == TwinKind.Thickened ? 0.85 : 0.95;
            Assert.True(recall >= least && precision >= least, $"{kind}: recall {recall}, precision {precision}");
        }

        (double Recall, double Precision) Measure(TwinKind kind, IReadOnlyList<Twin> kept)
        {
            var pairs = kept.Select(t => (t.First, t.Second)).ToHashSet();
            var some = kept.Where(t => t.Kind == kind && t.Second >= planted.Sketches.Length).ToList();
            return (
                planted.Copies.Count(c => c.Kind == kind && pairs.Contains((c.Original, c.Copy))) / (double)Copied,
                some.Count(t => Source(t.First) == Source(t.Second)) / (double)some.Count);
        }

        int Source(int image) => source.GetValueOrDefault(image, image);
    }

    private static double Overlap(PlantedStrokes planted, Twin twin)
    {
        var (first, second) = (planted.Strokes[twin.First], planted.Strokes[twin.Second]);
        return Math.Max(first.OverlapWith(second), first.OverlapWith(second.Mirror()));
    }

    private static (List<ImageFingerprint> Images, List<StrokeFingerprint> Strokes) Fingerprints(params SketchFlow.Data.Images.Pixels[] images) =>
        ([.. images.Select(ImageFingerprint.Compute)], [.. images.Select(StrokeFingerprint.Compute)]);
}
