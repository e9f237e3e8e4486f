using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>
/// Writes an audit into a folder: <c>audit.csv</c> (all audited images by rank), <c>merging.csv</c> (pairs of classes), <c>weights.csv</c> and
/// <c>index.html</c>.
/// </summary>
internal static class AuditFiles
{
    /// <summary>File name of the weights of the training rows.</summary>
    public const string WeightsName = "weights.csv";

    /// <summary>File name of the HTML page.</summary>
    public const string PageName = "index.html";

    /// <summary>Writes all files; where there are no weights, those of an earlier audit are deleted.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="report">The audit.</param>
    /// <param name="images">Images by path, for the pictures of the page; null leaves them out.</param>
    public static void Write(string folder, AuditReport report, IReadOnlyDictionary<string, Sample>? images = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(report);
        var set = report.Set;
        CsvFile.Write(Path.Combine(folder, "audit.csv"), report.Result.Images.Select(i => new
        {
            rank = i.Rank,
            id = set.Ids[i.Row],
            image_path = set.ImagePaths[i.Row],
            given_class = report.ClassName(i.Given),
            suggested_class = report.ClassName(i.Suggested),
            probability_of_given = i.GivenProbability,
            probability_of_suggested = i.SuggestedProbability,
            quality = i.Quality,
            certainty = i.Certainty,
            kinds = string.Join(';', AuditReport.Kinds(i.Findings)),
            copy = report.CopyOf(i.Row)?.ImagePath,
        }));
        CsvFile.Write(Path.Combine(folder, "merging.csv"), report.Result.Merging.Select(p => new
        {
            first = report.ClassName(p.First),
            second = report.ClassName(p.Second),
            first_as_second = p.FirstAsSecond,
            second_as_first = p.SecondAsFirst,
            share = p.Share,
        }));
        var weights = Path.Combine(folder, WeightsName);
        if (report.Weights is { } rows)
        {
            CsvFile.Write(weights, rows.Select(r => new { id = r.Id, image_path = r.ImagePath, weight = r.Weight }));
        }
        else
        {
            File.Delete(weights);
        }

        AuditPageContent.Create(report, images).Write(Path.Combine(folder, PageName));
    }
}
