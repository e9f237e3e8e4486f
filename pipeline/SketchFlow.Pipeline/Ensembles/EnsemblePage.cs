using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Lays out the HTML page of an ensemble.</summary>
internal sealed class EnsemblePage
{
    private readonly string _name;
    private readonly EnsembleReport _report;
    private readonly LogitsSet _set;
    private readonly string[] _runs;
    private readonly string _objective;

    private EnsemblePage(string name, EnsembleReport report)
    {
        (_name, _report, _set, _runs) = (name, report, report.Validation.Set, [.. report.Validation.Runs]);
        _objective = EnsembleSearch.NameOf(report.Objective);
    }

    /// <summary>Creates the page: figures, models, gains, other combinations, classes, agreement, complementary models, and each model's own results.</summary>
    public static ReportPage Create(string name, EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var layout = new EnsemblePage(name, report);
        var page = new ReportPage(name);
        layout.AddSummary(page);
        layout.AddModels(page);
        layout.AddCandidates(page);
        layout.AddClasses(page);
        if (layout._runs.Length > 1)
        {
            layout.AddAgreement(page);
        }

        layout.AddSingleModels(page);
        return page;
    }

    private void AddSummary(ReportPage page)
    {
        var evaluation = _report.Evaluation;
        page.Text($"{_report.DataSet}, {_report.Rows} validation rows of {_set.Classes} classes; {_report.Method}, by {_objective}.")
            .Figures(
            [
                ("accuracy", Percent.Text(evaluation.Accuracy)), ("log-loss", F(evaluation.LogLoss)), ("macro F1", Percent.Text(evaluation.MacroF1)),
                ("ECE", Percent.Text(evaluation.Ece)),
                .. _report.HeldOut is { } h ? [($"{_objective}, cross-validated, {Range(h)}", Score(h.Score))] : ((string, string)[])[],
            ]);
        if (_report.HeldOut is not null)
        {
            page.Text(
                "Cross-validated: calibration, search and weights are repeated without each fifth of the rows, which are then predicted. "
                + "The other figures are for the rows that were searched, and may be optimistic.");
        }

        foreach (var note in _report.Notes)
        {
            page.Text(note);
        }

        if (_report.LeftOut.Length > 0)
        {
            page.Table(["run that is left out", "reason"], _report.LeftOut.Select(m => (string[])[m.Name, m.Reason]));
        }

        if (_report.Warning is { } warning)
        {
            page.Warning(warning);
        }
    }

    private void AddModels(ReportPage page)
    {
        page.Heading("Models").Table(
            ["run", "model", "accuracy", "log-loss", "calibrated log-loss", "temperature", "weight"],
            _report.Members.Select(m => (string[])
            [
                m.Title, m.Model, Percent.Text(m.Accuracy), F(m.LogLoss), F(m.CalibratedLogLoss),
                $"{m.Temperature:0.000}{(EnsembleSearch.IsLimit(m.Temperature) ? " (limit)" : "")}", m.Weight > 0 ? $"{m.Weight:0.###}" : "-",
            ]),
            i => _report.Members[i].Weight > 0)
            .Text("The log-loss of the ensemble is calibrated; compare it with the calibrated log-loss of the models.");
        var gains = EnsembleGainPlot.Draw(
            $"{_name}: gain from each added model", _objective, [.. _report.Ladder.Select(r => (r.Added, r.Score))],
            isShare: _report.Objective != Objective.LogLoss);
        page.Heading("Gain from each added model").Picture(gains, "gain from each added model").Table(
            ["member", _objective, "95 % interval", "gain"],
            _report.Ladder.Select((r, i) => (string[])
                [(i == 0 ? "" : "+ ") + r.Added, Score(r.Score.Score), Range(r.Score), i == 0 ? "" : ScoreText.Difference(_report.Objective, r.Gain)]));
    }

    private void AddCandidates(ReportPage page)
    {
        if (_report.Candidates.Length == 0)
        {
            return;
        }

        page.Heading("Combinations").Table(
            [
                "combination", $"{_objective}, searched", $"{_objective}, held-out", "its 95 % interval",
                $"log-loss, {(_report.Candidates[0].HeldOut is null ? "searched" : "held-out")}", "made by",
            ],
            _report.Candidates.Select(r => (string[])
            [
                r.Name, Score(r.FittedScore), r.HeldOut is { } s ? Score(s.Score) : "-", r.HeldOut is { } t ? Range(t) : "-", F(r.LogLoss),
                r.Options.Command,
            ]),
            i => _report.Candidates[i].IsChosen);
        page.Text(
            "The marked combination is the ensemble. Held-out: rows that were left out when the combination was fitted; searched: the rows it was fitted on. "
            + "The best of several estimates may be optimistic by the choice itself.");
        if (_report.Skipped.Length > 0)
        {
            page.Text(SkippedCandidate.Describe(_report.Skipped));
        }
    }

    private void AddClasses(ReportPage page) => page.Heading("Classes")
        .Picture(RecallPlot.Draw(_name, _report.Evaluation, _set.ClassNames), "recall by class")
        .Picture(
            RecallByModelPlot.Draw(
                "Recall of each class by model", [(_name, _report.Evaluation), .. _runs.Zip(_report.SingleModels)], _set.ClassNames),
            "recall by class and model")
        .Table(["class", "predicted as", "rows"], Confusions(_report.Evaluation, 20))
        .Heading("Calibration").Picture(ReliabilityDiagram.Draw(_name, _report.Evaluation), "reliability diagram");

    private void AddAgreement(ReportPage page)
    {
        var targets = _set.RequireTargets();
        var (single, count) = (_report.SingleModels, _runs.Length);
        var (agreement, errors, pairs) = (new double[count, count], new double[count, count], new List<string[]>());
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
            {
                var pair = ModelComparison.Agreement(single[a].Predictions, single[b].Predictions, targets);
                (agreement[a, b], errors[a, b]) = (pair.Agreement, pair.ErrorCorrelation);
                if (a != b)
                {
                    pairs.Add([_runs[a], _runs[b], Percent.Text(pair.Agreement), $"{pair.ErrorCorrelation:0.000}", $"{pair.Corrections}"]);
                }
            }
        }

        page.Heading("Agreement between models")
            .Picture(DrawMatrix("Agreement of the models", "same prediction, share of images", agreement), "agreement")
            .Picture(DrawMatrix("Correlation of the models' errors", "correlation of errors", errors), "error correlation")
            .Text("The lower the correlation of two models' errors, the more they correct each other.")
            .Folded("all pairs", p => p.Table(["model", "other model", "agreement", "error correlation", "errors that the other model has right"], pairs));
        page.Heading("Which model covers which weak class").Table(
            ["model", "weak class", "recall", "covered by", "recall there"],
            ModelComparison.CorrectingModels(single).Select(c => (string[])
                [_runs[c.Member], ClassName(c.Class), Percent.Text(c.Recall), _runs[c.Other], Percent.Text(c.OtherRecall)]));
    }

    private byte[] DrawMatrix(string title, string value, double[,] values) => MatrixPlot.Draw(
        values, new MatrixPlotOptions(title, _runs, _runs) { ColumnLabel = "model", RowLabel = "model", ValueLabel = value, High = 1 });

    private void AddSingleModels(ReportPage page)
    {
        page.Heading("Each model");
        for (var m = 0; m < _runs.Length; m++)
        {
            var (run, own) = (_runs[m], _report.SingleModels[m]);
            var worst = own.WeakestClasses().ToList();
            var lowest = string.Join(", ", worst.Take(5).Select(c => $"{ClassName(c.Class)} {Percent.Text(c.Recall)}"));
            page.Folded($"{run}: accuracy {Percent.Text(own.Accuracy)}; lowest recall {lowest}", p => p
                .Picture(RecallPlot.Draw(run, own, _set.ClassNames), "recall by class")
                .Table(
                    ["class", "recall", "precision", "rows"],
                    worst.Take(10).Select(c => (string[])[ClassName(c.Class), Percent.Text(c.Recall), Percent.Text(c.Precision), $"{c.Support}"]))
                .Table(["class", "predicted as", "rows"], Confusions(own, 10)));
        }
    }

    private IEnumerable<string[]> Confusions(ClassificationReport evaluation, int most) =>
        ModelComparison.Confusions(evaluation, most).Select(c => (string[])[ClassName(c.Target), ClassName(c.Prediction), $"{c.Rows}"]);

    private string ClassName(int number) => string.Create(CultureInfo.InvariantCulture, $"{number} {_set.ClassNames[number]}");

    private string Range(Interval interval) => ScoreText.Range(_report.Objective, interval);

    private string Score(double score) => ScoreText.Of(_report.Objective, score);

    private static string F(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
