using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.ParallelCharts;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>Lays out the page of all experiments: the runs by accuracy, the curves of the best, and all other pages.</summary>
internal static class ExperimentsPage
{
    private const int MostCurves = 6;
    private const int MostAxes = 12;

    private static readonly (string Heading, string Column)[] _columns =
    [
        ("run", "run"), ("validation accuracy", "val_accuracy"), ("validation loss", "val_loss"), ("data set", RunTable.DataSetColumn),
        ("architecture", "architecture"), ("image size", "image_size"), ("epochs", "epochs_done"), ("peak learning rate", "optimizer.learning_rate"),
        ("batch size", "batch_size"), ("trained", "when"),
    ];

    /// <summary>Creates the page.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="rows">The runs, without their folds.</param>
    public static ReportPage Create(Artifacts artifacts, IReadOnlyList<RunRow> rows)
    {
        var (index, page) = (ReportFiles.Index(artifacts), new ReportPage("Experiments"));
        var ranked = rows.OrderByDescending(r => r.Number("val_accuracy") ?? double.NegativeInfinity).ToList();
        page.Heading("Runs");
        if (ranked.Count == 0)
        {
            page.Text("There are no runs yet; sketchflow train makes one.");
        }
        else
        {
            page.Text("Accuracies of different data sets, or of different validation images, cannot be compared.").Table(
                [.. _columns.Select(c => c.Heading)],
                ranked.Select(r => (string[])[.. _columns.Select(c => r.Text(c.Column) ?? "-")]),
                link: i => ReportFiles.Link(index, ReportFiles.Run(artifacts, ranked[i].Name)));
        }

        AddSettings(page, ranked);
        AddCurves(page, ranked);
        AddPages(page, artifacts, index);
        return page;
    }

    // Runs of one data set and the settings that a person chose differently; a key that tells more runs apart is on an axis before one that tells fewer.
    private static void AddSettings(ReportPage page, List<RunRow> ranked)
    {
        foreach (var set in ranked.Where(r => r.Number("val_accuracy") is not null).GroupBy(r => r.Cell(RunTable.DataSetColumn), StringComparer.Ordinal))
        {
            var runs = set.ToList();
            string[] keys =
            [
                .. runs.Skip(1).SelectMany(r => RunTable.Changes(runs[0], r)).Select(c => c.Key).Where(k => k != "seed").CountBy(k => k, StringComparer.Ordinal)
                    .OrderByDescending(k => k.Value).ThenBy(k => k.Key, StringComparer.Ordinal).Select(k => k.Key),
            ];
            if (keys.Length == 0)
            {
                continue;
            }

            page.Heading($"Settings: {set.Key}").Parallel(new ParallelChart(
                $"Recipe keys that differ among {Plural.Of(runs.Count, "run")}", [.. keys.Take(MostAxes)], "validation accuracy, %",
                [.. runs.Select(r => new ParallelRun(
                    r.Name, [.. keys.Take(MostAxes).Select(r.Recipe.GetValueOrDefault)], 100 * r.Number("val_accuracy")!.Value))]));
            if (keys.Length > MostAxes)
            {
                page.Text($"{keys.Length - MostAxes} more keys differ in fewer runs: {string.Join(", ", keys.Skip(MostAxes))}.");
            }
        }
    }

    private static void AddCurves(ReportPage page, List<RunRow> ranked)
    {
        foreach (var set in ranked.Where(r => r.Number("val_accuracy") is not null).GroupBy(r => r.Cell(RunTable.DataSetColumn), StringComparer.Ordinal))
        {
            var best = set.Take(MostCurves).ToList();
            page.Heading($"Curves: {set.Key}").Chart(new LineChart(
                best.Count == 1 ? "Validation accuracy" : $"Validation accuracy of the {best.Count} best runs", "epoch", "validation accuracy, %",
                [.. best.SelectMany(r => RunCurves.Of(r, ["val_accuracy"]))]));
        }
    }

    private static void AddPages(ReportPage page, Artifacts artifacts, string index)
    {
        var others = ReportFiles.Others(artifacts);
        if (others.Count > 0)
        {
            page.Heading("Other pages").Table(
                ["page", "written"],
                others.Select(f => (string[])
                [
                    Path.GetRelativePath(artifacts.Reports, f.Name == ReportFiles.PageName ? f.DirectoryName! : f.FullName),
                    f.LastWriteTimeUtc.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                ]),
                link: i => ReportFiles.Link(index, others[i].FullName));
        }
    }
}
