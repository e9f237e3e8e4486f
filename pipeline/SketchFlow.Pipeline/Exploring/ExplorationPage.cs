using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Statistics;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.DataPages;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>Chooses what the page of a data set shows.</summary>
internal static class ExplorationPage
{
    // The page embeds its pictures, of 1 to 3 KB each.
    private const int MostSamples = 1200;
    private const int MostSamplesPerClass = 8;
    private const int MostTwins = 200;
    private const int MostOutliers = 100;
    private const int MostSimilar = 30;
    private const int MostBroken = 1000;

    // Classes with fewer images are pointed out.
    private const int FewImages = 10;

    /// <summary>Lays out the page.</summary>
    /// <param name="found">The exploration.</param>
    public static DataPage Create(DataExploration found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var pictures = new ExplorationPictures(found);
        var classes = found.Images.Where(i => i.Sample.Target is not null).ToLookup(i => i.Sample.Target!.Value);
        var samples = Enumerable.Range(0, found.Data.Classes.Length).Select(c => Spread([.. classes[c]], SamplesPerClass(found))).ToList();
        // Pairs of each kind are shown, however many of the others there are.
        var twins = found.Twins.GroupBy(t => t.Kind).SelectMany(g => g.Take(MostTwins)).ToList();
        var outliers = found.Images.Zip(found.Outliers).Where(p => p.Second.Length > 0)
            .OrderByDescending(p => Math.Abs(p.Second[0].Distance)).Take(MostOutliers).ToList();
        pictures.Prepare(samples.SelectMany(s => s).Concat(twins.SelectMany(t => (ExploredImage[])[t.First, t.Second])).Concat(outliers.Select(o => o.First)));
        var largest = Math.Max(1, classes.Select(c => c.Count()).DefaultIfEmpty().Max());
        return new DataPage
        {
            Title = $"Data set {found.Data.Name}",
            Summary = $"{found.Data}. {Plural.Of(found.Images.Length, "image")} could be used. All values are in eda.csv, all copies in twins.csv.",
            Figures = [.. Figures(found)],
            Notes = [.. Notes(found, [.. Enumerable.Range(0, found.Data.Classes.Length).Select(c => classes[c].Count())], twins.Count, outliers.Count)],
            Classes = [.. samples.Select((s, c) => Card(found.Data.Classes[c], [.. classes[c]], [.. s.Select(i => pictures[i])], largest))],
            Histograms = [.. ImageMeasure.All.Select(m => HistogramChart.Create(m.Name, m.Unit, [.. found.Images.Select(m.Value)]))],
            Formats = [.. Formats(found)],
            Map = ExplorationMap.Create(found),
            Outliers = [.. outliers.Select(o => new OutlierCard(pictures[o.First], [.. o.Second.Select(x => $"{x}")]))],
            Twins = [.. twins.Select(t => Card(t, pictures))],
            Similar =
            [
                .. found.SimilarClasses.Take(MostSimilar).Select(p => new ClassPair(
                    found.Data.Classes[p.First], found.Data.Classes[p.Second], p.FirstAsSecond, p.SecondAsFirst, Percent.Text(p.Share))),
            ],
            Broken =
            [
                .. found.Rejected.Take(MostBroken).Select(r => new BrokenFile(r.Split, r.Rejected.Id, r.Rejected.Path, r.Rejected.Reason)),
            ],
        };
    }

    private static int SamplesPerClass(DataExploration found) => Math.Clamp(MostSamples / Math.Max(1, found.Data.Classes.Length), 1, MostSamplesPerClass);

    // Images of a class are often stored by source, so that neighbours resemble each other.
    private static List<ExploredImage> Spread(IReadOnlyList<ExploredImage> images, int count) => images.Count <= count
        ? [.. images]
        : [.. Enumerable.Range(0, count).Select(k => images[(int)((long)k * images.Count / count)])];

    private static ClassCard Card(string name, IReadOnlyList<ExploredImage> images, IReadOnlyList<PagePicture> samples, int largest)
    {
        return new ClassCard
        {
            Name = name,
            Images = images.Count,
            Counts = images.Count == 0 ? "no image" : string.Join(", ", images.CountBy(i => i.Split).Select(s => $"{s.Value} {s.Key}")),
            Share = (int)Math.Round(100.0 * images.Count / largest),
            Medians = images.Count == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"median: ink {Percent.Text(Median(i => i.InkShare))}, strokes {Median(i => i.StrokeWidth):0.0} px, "
                    + $"brightness {Median(i => i.Brightness):0.00}"),
            Samples = samples,
        };

        double Median(Func<ImageMeasures, double> value) => ImageMeasure.Quantile([.. images.Select(i => value(i.Measures)).Order()], 0.5);
    }

    private static TwinCard Card(ImageTwin twin, ExplorationPictures pictures) => new()
    {
        First = pictures[twin.First],
        Second = pictures[twin.Second],
        Kind = twin.IsSameFile ? "same file" : twin.KindName,
        Relations =
        [
            twin.IsAcrossSplits ? $"{twin.First.Split} and {twin.Second.Split}" : $"within {twin.First.Split}",
            .. twin.IsAcrossClasses ? (string[])["other class"] : [],
        ],
        Correlation = twin.Correlation.ToString("0.000", CultureInfo.InvariantCulture),
    };

    private static IEnumerable<PageFigure> Figures(DataExploration found)
    {
        yield return new PageFigure("classes", Number(found.Data.Classes.Length));
        foreach (var split in found.Images.CountBy(i => i.Split))
        {
            yield return new PageFigure($"{split.Key} images", Number(split.Value));
        }

        yield return new PageFigure("broken files", Number(found.Rejected.Length));
        foreach (var kind in Enum.GetValues<TwinKind>())
        {
            yield return new PageFigure($"{ImageTwin.NameOf(kind)} copies", Number(found.Count(kind)));
        }

        yield return new PageFigure("copies across splits", Number(found.Twins.Count(t => t.IsAcrossSplits)));
        yield return new PageFigure("copies across classes", Number(found.Twins.Count(t => t.IsAcrossClasses)));
        yield return new PageFigure("unusual images", Number(found.Unusual));
    }

    private static IEnumerable<PageFigure> Formats(DataExploration found)
    {
        foreach (var format in found.Images.CountBy(i => i.Format).OrderByDescending(f => f.Value))
        {
            yield return new PageFigure(format.Key, Number(format.Value));
        }

        yield return new PageFigure("with colour", Number(found.Images.Count(i => i.Measures.Colour > 0)));
        yield return new PageFigure("grey", Number(found.Images.Count(i => i.Measures.Colour == 0)));
        yield return new PageFigure("light strokes on dark paper", Number(found.Images.Count(i => i.Measures.IsDarkPaper)));
    }

    private static IEnumerable<string> Notes(DataExploration found, int[] sizes, int shownTwins, int shownOutliers)
    {
        if (found.Twins.Count(t => t.IsAcrossSplits) is > 0 and var leaks)
        {
            yield return $"{Plural.Of(leaks, "pair of copies is", "pairs of copies are")} in different splits: accuracy on such images measures memory.";
        }

        if (found.Twins.Count(t => t.IsAcrossClasses) is > 0 and var conflicts)
        {
            yield return $"{Plural.Of(conflicts, "pair of copies has", "pairs of copies have")} different labels: one of the two is wrong, or both.";
        }

        if (sizes.Count(s => s < FewImages) is > 0 and var few)
        {
            yield return $"{Plural.Of(few, "class has", "classes have")} fewer than {FewImages} usable images with a label.";
        }

        if (found.IsTwinsCut)
        {
            yield return $"The search for copies stopped at {Number(found.Twins.Length)} pairs.";
        }

        if (shownTwins < found.Twins.Length)
        {
            yield return $"The page shows {Number(shownTwins)} of {Number(found.Twins.Length)} pairs of copies, at most {MostTwins} of each kind.";
        }

        if (found.Map.Images.Length < found.Images.Length)
        {
            yield return $"The map shows a random sample of {Number(found.Map.Images.Length)} of {Number(found.Images.Length)} images, always the same.";
        }

        if (shownOutliers < found.Unusual)
        {
            yield return $"The page shows the {Number(shownOutliers)} most unusual of {Number(found.Unusual)} images with an unusual value.";
        }

        if (found.Rejected.Length > MostBroken)
        {
            yield return $"The page shows {MostBroken} of {Number(found.Rejected.Length)} broken files; all are in rejected.csv.";
        }
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
