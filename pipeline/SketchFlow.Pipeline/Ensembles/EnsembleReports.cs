using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>What people look at of an ensemble: one page of HTML, and a table of recalls.</summary>
public static class EnsembleReports
{
    /// <summary>An aim in words.</summary>
    public static string NameOf(Objective objective) => objective switch { Objective.Accuracy => "accuracy", Objective.LogLoss => "minus log-loss", _ => "macro F1" };

    /// <summary>The page: figures, models, ladder, other ways, classes, likeness, who mends whom, each model's weak classes and confusions.</summary>
    public static HtmlReport Page(string name, EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var set = report.Validation.Set;
        var targets = set.RequireTargets();
        ClassificationReport[] alone = [.. set.Members.Select(m => ClassificationMetrics.Evaluate(m.Logits.Span, set.Classes, targets))];
        string[] runs = [.. set.Members.Select(m => m.Metadata.Run)];
        string Class(int c) => string.Create(CultureInfo.InvariantCulture, $"{c} {set.ClassNames[c]}");
        var page = new HtmlReport(name)
            .Text($"{report.DataSet}, {report.Rows} validation rows of {set.Classes} classes; {report.Method}, by {NameOf(report.Objective)}.")
            .Figures(
            [
                ("accuracy", F(report.Evaluation.Accuracy)), ("log-loss", F(report.Evaluation.LogLoss)), ("macro F1", F(report.Evaluation.MacroF1)), ("ECE", F(report.Evaluation.Ece)),
                .. report.HeldOut is { } h ? [($"{NameOf(report.Objective)} on rows not seen, {F(h.Low)} to {F(h.High)}", F(h.Score))] : ((string, string)[])[],
            ]);
        if (report.HeldOut is not null)
        {
            page.Text("Rows not seen: calibration, search and weights are made anew without each fifth of the rows, which they then vote on. The other figures are of the rows that were searched on, and flatter.");
        }

        if (report.Warning is { } warning)
        {
            page.Warning(warning);
        }

        page.Heading("Models").Table(
            ["run", "model", "accuracy", "log-loss", "temperature", "weight"],
            report.Members.Select(m => (string[])[m.Name, m.Model, F(m.Accuracy), F(m.LogLoss), $"{m.Temperature:0.000}", m.Weight > 0 ? $"{m.Weight:0.###}" : "-"]),
            i => report.Members[i].Weight > 0);
        page.Heading("Ladder").Picture(EnsembleGainPlot.Draw($"{name}: from the best single model", NameOf(report.Objective), [.. report.Ladder.Select(r => (r.Added, r.Score))]), "the ladder")
            .Table(
                ["member", NameOf(report.Objective), "95 % interval", "gain"],
                report.Ladder.Select((r, i) => (string[])[(i == 0 ? "" : "+ ") + r.Added, F(r.Score.Score), $"{F(r.Score.Low)} to {F(r.Score.High)}", i == 0 ? "" : $"{r.Gain:+0.0000;-0.0000;0.0000}"]));
        if (report.Candidates.Length > 0)
        {
            page.Heading("Other ways of combining").Table(
                ["way", $"{NameOf(report.Objective)} on these rows", "on rows not seen", "95 % interval", "log-loss"],
                report.Candidates.Select(r => (string[])[r.Name, F(r.FittedScore), r.HeldOut is { } s ? F(s.Score) : "-", r.HeldOut is { } t ? $"{F(t.Low)} to {F(t.High)}" : "-", F(r.LogLoss)]));
            if (report.Skipped.Length > 0)
            {
                page.Text($"Left out for their cost: {string.Join("; ", report.Skipped)}.");
            }
        }

        page.Heading("Classes")
            .Picture(RecallPlot.Draw(name, report.Evaluation, names: set.ClassNames), "recall by class")
            .Picture(RecallByModelPlot.Draw("Recall by class and model", [(name, report.Evaluation), .. runs.Zip(alone)]), "recall by class and model")
            .Table(["class", "taken for", "rows"], Confused(report.Evaluation, 20))
            .Heading("Calibration").Picture(ReliabilityDiagram.Draw(name, report.Evaluation), "reliability diagram");
        if (runs.Length > 1)
        {
            var (agreement, errors, mends) = (new double[runs.Length, runs.Length], new double[runs.Length, runs.Length], new List<string[]>());
            for (var a = 0; a < runs.Length; a++)
            {
                for (var b = 0; b < runs.Length; b++)
                {
                    var alike = ModelComparison.Agreement(alone[a].Predictions, alone[b].Predictions, targets);
                    (agreement[a, b], errors[a, b]) = (alike.Agreement, alike.ErrorCorrelation);
                    if (a != b)
                    {
                        mends.Add([runs[a], runs[b], $"{alike.Agreement:0.000}", $"{alike.ErrorCorrelation:0.000}", $"{alike.Corrections}"]);
                    }
                }
            }

            page.Heading("How alike the models are")
                .Picture(Matrix("Share of rows with the same prediction", agreement), "agreement")
                .Picture(Matrix("Correlation of errors: the lower, the more they correct each other", errors), "error correlation")
                .Folded("all pairs", p => p.Table(["model", "other", "agreement", "error correlation", "wrong rows that the other has right"], mends));
            page.Heading("Who mends whose weak classes").Table(
                ["model", "weak class", "recall", "mended by", "recall there"],
                ModelComparison.CorrectingModels(alone).Select(m => (string[])[runs[m.Member], Class(m.Class), $"{m.Recall:0.000}", runs[m.Mender], $"{m.Mended:0.000}"]));
        }

        page.Heading("Each model");
        for (var m = 0; m < runs.Length; m++)
        {
            var own = alone[m];
            page.Folded($"{runs[m]}: accuracy {F(own.Accuracy)}; lowest recall {string.Join(", ", WorstClasses(own).Take(5).Select(c => $"{c.Class} {100 * c.Recall:0} %"))}", p => p
                .Picture(RecallPlot.Draw(set.Members[m].Metadata.Run, own, names: set.ClassNames), "recall by class")
                .Table(["class", "recall", "precision", "rows"], WorstClasses(own).Take(10).Select(c => (string[])[Class(c.Class), $"{c.Recall:0.000}", c.Precision is { } q ? $"{q:0.000}" : "-", $"{c.Support}"]))
                .Table(["class", "taken for", "rows"], Confused(own, 10)));
        }

        return page;

        byte[] Matrix(string title, double[,] values) =>
            MatrixPlot.Draw(values, new MatrixPlotOptions(title) { ColumnNames = runs, RowNames = runs, High = 1 });

        IEnumerable<string[]> Confused(ClassificationReport evaluation, int most) =>
            ModelComparison.Confusions(evaluation, most).Select(c => (string[])[Class(c.Target), Class(c.Prediction), $"{c.Rows}"]);
    }

    /// <summary>Writes the recall of every class by the ensemble and by each model: one row a class.</summary>
    public static void WriteRecalls(string path, EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var set = report.Validation.Set;
        var targets = set.RequireTargets();
        ClassificationReport[] all = [report.Evaluation, .. set.Members.Select(m => ClassificationMetrics.Evaluate(m.Logits.Span, set.Classes, targets))];
        CsvFile.Write(path, csv =>
        {
            csv.WriteRow(["class", "name", "rows", "ensemble", .. set.Members.Select(m => m.Metadata.Run)]);
            for (var c = 0; c < set.Classes; c++)
            {
                csv.WriteRow([c, set.ClassNames[c], report.Evaluation.PerClass[c].Support, .. all.Select(e => (object?)e.PerClass[c].Recall)]);
            }
        });
    }

    /// <summary>Classes that have rows, the lowest recall first.</summary>
    public static IEnumerable<ClassScore> WorstClasses(ClassificationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return report.PerClass.Where(c => c.Recall is not null).OrderBy(c => c.Recall).ThenBy(c => c.Class);
    }

    private static string F(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
