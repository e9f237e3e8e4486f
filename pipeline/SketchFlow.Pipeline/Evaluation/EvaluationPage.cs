using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>The HTML page of an evaluation and its plots as files.</summary>
/// <param name="Page">The page.</param>
/// <param name="Pictures">File names and PNG bytes.</param>
internal sealed record EvaluationPage(ReportPage Page, IReadOnlyList<(string Name, byte[] Png)> Pictures)
{
    private const int MostImages = 36;
    private const int WorstClasses = 8;
    private const int ImagesOfClass = 6;
    private const int PictureSide = 128;

    private static readonly ILookup<string, (string, string)> _noMaps = Array.Empty<string>().ToLookup(image => image, _ => ("", ""));

    /// <summary>Draws the plots and lays out the page.</summary>
    /// <param name="result">The evaluation.</param>
    /// <param name="images">Images by path, for the grid of the worst mistakes; null leaves the grid out.</param>
    public static EvaluationPage Create(EvaluationResult result, IReadOnlyDictionary<string, Sample>? images)
    {
        var page = new ReportPage(result.Evaluated.Name);
        return new EvaluationPage(page, AddTo(page, result, images));
    }

    /// <summary>Draws the plots and adds them and the tables to a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="result">The evaluation.</param>
    /// <param name="images">Images by path, for the worst classes and the grid of the worst mistakes; null leaves them out.</param>
    /// <param name="maps">Methods and addresses of maps that explain images, by path; null for none.</param>
    /// <returns>File names and PNG bytes of the plots.</returns>
    public static IReadOnlyList<(string Name, byte[] Png)> AddTo(
        ReportPage page, EvaluationResult result, IReadOnlyDictionary<string, Sample>? images, ILookup<string, (string Method, string Link)>? maps = null)
    {
        var (evaluated, report) = (result.Evaluated, result.Report);
        var (name, names) = (evaluated.Name, evaluated.Set.ClassNames);
        var recall = RecallPlot.Draw(name, report, names);
        var reliability = ReliabilityDiagram.Draw(name, report);
        var confusion = ConfusionMatrixPlot.Draw(name, report, names);
        var pictures = new List<(string, byte[])> { ("recall.png", recall), ("reliability.png", reliability), ("confusion.png", confusion) };
        AddSummary(page, result);
        page.Heading("Classes").Picture(recall, "recall by class")
            .Table(["class", "recall", "precision", "F1", "rows", "most often predicted as"], ClassRows(result))
            .Heading("Confusions").Confusions(report, names)
            .Table(
                ["class", "predicted as", "rows", "share of the class"],
                ModelComparison.Confusions(report).Select(c => (string[])
                [
                    result.ClassName(c.Target), result.ClassName(c.Prediction), $"{c.Rows}",
                    Percent.Text((double)c.Rows / report.PerClass[c.Target].Support),
                ]))
            .Heading("Calibration").Picture(reliability, "reliability diagram");
        if (images is not null)
        {
            AddWorstClasses(page, result, images, maps ?? _noMaps);
            var grid = DrawWorst(result, images);
            pictures.Add(("worst.png", grid));
            page.Heading("Worst mistakes").Picture(grid, "mistakes with the lowest probability for the true class");
        }

        return pictures;
    }

    private static void AddSummary(ReportPage page, EvaluationResult result)
    {
        var (evaluated, report) = (result.Evaluated, result.Report);
        var set = evaluated.Set;
        var source = set.Members.Length == 1 ? set.Members[0].Metadata.Model : $"{set.Members.Length} members";
        page.Text($"{evaluated.DataSet}/{evaluated.Split}, {report.Rows} rows of {set.Classes} classes, {result.Rejected} of them rejected images; {source}.")
            .Figures(
            [
                ($"top-1, 95 % interval {Percent.Range(result.Accuracy.Low, result.Accuracy.High)}", Percent.Text(report.Accuracy)),
                ($"top-{report.K}", Percent.Text(report.TopK)),
                ("log-loss", $"{report.LogLoss:0.0000}"), ("macro F1", Percent.Text(report.MacroF1)),
                ("ECE", Percent.Text(report.Ece)), ("Brier score", $"{report.Brier:0.0000}"),
            ]);
        if (result.Comparison is not { Other: var other, Test: var test })
        {
            return;
        }

        page.Heading($"Compared with {other.Name}").Table(
            ["", $"{other.Name} right", $"{other.Name} wrong"],
            [
                [$"{evaluated.Name} right", $"{test.BothRight}", $"{test.OnlyFirst}"],
                [$"{evaluated.Name} wrong", $"{test.OnlySecond}", $"{test.BothWrong}"],
            ])
            .Text($"McNemar's exact test: p = {test.P:0.0000}{(test.P < 0.05 ? "" : ": no significant difference")}.");
    }

    private static IEnumerable<string[]> ClassRows(EvaluationResult result)
    {
        var report = result.Report;
        return report.WeakestClasses().Select(c => (string[])
        [
            result.ClassName(c.Class), Percent.Text(c.Recall), Percent.Text(c.Precision), Percent.Text(c.F1), $"{c.Support}",
            Enumerable.Range(0, report.PerClass.Length).Where(q => q != c.Class && report.Confusion[c.Class, q] > 0)
                .OrderByDescending(q => report.Confusion[c.Class, q]).Select(result.ClassName).FirstOrDefault() ?? "",
        ]);
    }

    private static void AddWorstClasses(
        ReportPage page, EvaluationResult result, IReadOnlyDictionary<string, Sample> images, ILookup<string, (string Method, string Link)> maps)
    {
        var (set, predictions) = (result.Evaluated.Set, result.Report.Predictions);
        var worst = WorstClass.Find(result, WorstClasses, ImagesOfClass);
        if (worst.Count > 0)
        {
            page.Heading("Worst classes");
        }

        foreach (var (score, predicted, rows) in worst)
        {
            page.Gallery(
                $"{result.ClassName(score.Class)}: recall {Percent.Text(score.Recall)}",
                $"{score.Support - score.Right} of {Plural.Of(score.Support, "image")} predicted as "
                + string.Join(", ", predicted.Take(3).Select(p => $"{result.ClassName(p.Class)} ({p.Rows})"))
                + (predicted.Length > 3 ? $" and {Plural.Of(predicted.Length - 3, "other class", "other classes")}." : "."),
                rows.Select(r => new GalleryImage(
                    Picture(images[set.ImagePaths[r]]),
                    $"predicted as {result.ClassName(predictions[r])}: {Percent.Text(result.Probability(r, predictions[r]))}",
                    $"{result.ClassName(score.Class)}: {Percent.Text(result.Probability(r, score.Class))}; id {set.Ids[r]}, {set.ImagePaths[r]}",
                    [.. maps[set.ImagePaths[r]].Select(m => new GalleryLink($"map of {m.Method}", m.Link))])));
        }
    }

    private static string? Picture(Sample sample)
    {
        using var pixels = PictureReader.Read(sample, PictureSide);
        return pixels is null ? null : Thumbnail.ToDataUri(pixels, PictureSide);
    }

    private static byte[] DrawWorst(EvaluationResult result, IReadOnlyDictionary<string, Sample> images)
    {
        var (set, targets, predictions) = (result.Evaluated.Set, result.Targets, result.Report.Predictions);
        var mistakes = result.WorstRows.Where(r => predictions[r] != targets[r]).Take(MostImages);
        return ImageGrid.Draw(
            $"{result.Evaluated.Name}, worst mistakes: lowest probability for the true class",
            [.. mistakes.Select(r => new GridImage(
                () => PictureReader.Read(images[set.ImagePaths[r]], ImageGrid.Side),
                [
                    $"{result.ClassName(targets[r])}: {Percent.Text(result.Probability(r, targets[r]))}",
                    $"predicted as {result.ClassName(predictions[r])}: {Percent.Text(result.Probability(r, predictions[r]))}",
                    $"id {set.Ids[r]}, {set.ImagePaths[r]}",
                ]))]);
    }
}
