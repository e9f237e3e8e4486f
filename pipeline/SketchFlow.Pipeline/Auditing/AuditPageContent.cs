using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Reports.Pages;
using SketchFlow.Scoring.Audit;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>Chooses what the page of an audit shows.</summary>
internal static class AuditPageContent
{
    // The page embeds its pictures, of about 3 KB each.
    private const int MostLabelErrors = 400;
    private const int MostOthers = 100;
    private const int MostPairs = 50;
    private const int PictureSide = 128;

    /// <summary>Lays out the page.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="images">Images by path, for the pictures; null leaves them out.</param>
    public static AuditPage Create(AuditReport report, IReadOnlyDictionary<string, Sample>? images)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (result, set) = (report.Result, report.Set);
        var findings = report.Findings;
        var shown = findings.Select(f => f.Finding)
            .SelectMany(f => result.Images.Where(i => i.Has(f)).Take(f == AuditFindings.LabelError ? MostLabelErrors : MostOthers))
            .DistinctBy(i => i.Row).OrderBy(i => i.Rank).ToList();
        var pictures = new string?[shown.Count];
        Parallel.For(0, shown.Count, i => pictures[i] = images?.GetValueOrDefault(set.ImagePaths[shown[i].Row]) is { } sample ? Picture(sample) : null);
        return new AuditPage
        {
            Title = $"Audit of {report.DataSet} by {report.Name}",
            Summary = $"{set.Rows} labelled images of {set.Classes} classes ({report.Split}), which the models were not trained on. Left out: "
                + $"{report.Unlabelled} without a label, {report.Rejected} rejected images. All images and numbers are in audit.csv.",
            Figures = [.. findings.Select(f => new PageFigure(f.Name, f.Images is { } count ? $"{count}" : "-", f.Key))],
            Notes = [.. Notes(report, images is not null, shown.Count)],
            Cards = [.. shown.Zip(pictures, (image, picture) => Card(report, image, picture))],
            Pairs =
            [
                .. result.Merging.Take(MostPairs).Select(p => new ClassPair(
                    report.ClassName(p.First), report.ClassName(p.Second), p.FirstAsSecond, p.SecondAsFirst, Percent.Text(p.Share))),
            ],
        };
    }

    private static AuditCard Card(AuditReport report, AuditedImage image, string? picture)
    {
        var path = report.Set.ImagePaths[image.Row];
        return new AuditCard
        {
            Rank = image.Rank,
            Id = report.Set.Ids[image.Row],
            ImagePath = path,
            Given = report.ClassName(image.Given),
            Suggested = report.ClassName(image.Suggested),
            GivenProbability = Percent.Text(image.GivenProbability),
            SuggestedProbability = Percent.Text(image.SuggestedProbability),
            Quality = $"{image.Quality:0.0000}",
            Kinds = [.. AuditReport.Kinds(image.Findings)],
            Copy = report.CopyOf(image.Row) is { } copy ? $"{copy.ImagePath}, labelled {copy.ClassName}" : null,
            Picture = picture,
        };
    }

    private static IEnumerable<string> Notes(AuditReport report, bool hasPictures, int shown)
    {
        if (report.ChanceWarning is { } warning)
        {
            yield return warning;
        }

        var found = report.Result.Images.Count(i => i.Findings != AuditFindings.None);
        if (shown < found)
        {
            yield return $"The page shows {shown} of {found} images with findings: the first {MostLabelErrors} likely label errors and the first {MostOthers} "
                + "of every other finding.";
        }

        if (!hasPictures)
        {
            yield return "The images were not found, so that the page has no pictures; run the audit again with --data.";
        }

        foreach (var missing in report.Findings.Where(f => f.Images is null))
        {
            yield return $"{missing.Name}: {missing.Meaning}.";
        }
    }

    private static string? Picture(Sample sample)
    {
        using var pixels = PictureReader.Read(sample, PictureSide);
        return pixels is null ? null : Thumbnail.ToDataUri(pixels, PictureSide);
    }
}
