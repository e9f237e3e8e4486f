using System.CommandLine;
using System.Globalization;
using SketchFlow.Insight;
using SketchFlow.Samples;
using SketchFlow.Scoring;
using Spectre.Console;

namespace SketchFlow.Pipeline.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow ensemble</c>: offline, from cached logits alone.</summary>
    private static Command Ensemble()
    {
        var name = new Option<string?>("--name") { Description = "Name of the ensemble and its submission; by default ensemble-DATASET." };
        var method = new Option<EnsembleMethod>("--method") { Description = "auto, exhaustive, greedy, swap, or all (equal weights, no search).", DefaultValueFactory = _ => EnsembleMethod.Auto };
        var aim = new Option<Aim>("--aim") { Description = "accuracy, logloss or macrof1.", DefaultValueFactory = _ => Aim.Accuracy };
        var seconds = new Option<double>("--seconds") { Description = "What the search may cost, in seconds of two cores.", DefaultValueFactory = _ => new EnsembleOptions().Seconds };
        var raw = new Option<bool>("--no-calibration") { Description = "Leave every temperature at 1." };
        var from = new Option<string?>("--from") { Description = "Make this kept ensemble again (a file of artifacts/ensembles, or its name)." };
        var explain = new Option<long?>("--explain") { Description = "Say how each member of the kept ensemble voted on the image of this id; nothing is written." };
        var verb = new Command("ensemble", "Find the best combination of all cached logits of a data set on validation; write the test submission.")
        {
            Shared.Data, name, method, aim, seconds, raw, from, explain, Shared.Artifacts, Shared.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(Shared.Artifacts));
            var kept = parsed.GetValue(from) is { } given ? (given.EndsWith(".yaml", StringComparison.Ordinal) ? given : EnsembleFile.PathOf(artifacts, given)) : null;
            var dataSet = kept is not null ? ""
                : parsed.GetValue(Shared.Data) is { } folder ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
                : EnsembleFlow.NewestDataSet(artifacts);
            var called = parsed.GetValue(name) ?? (kept is null ? $"ensemble-{dataSet}" : Path.GetFileNameWithoutExtension(kept));
            if (parsed.GetValue(explain) is { } id)
            {
                ExplainVote(parsed, EnsembleFlow.Explain(artifacts, EnsembleFile.Load(kept ?? EnsembleFile.PathOf(artifacts, called)), id));
                return ExitCode.Done;
            }

            var options = new EnsembleOptions { Aim = parsed.GetValue(aim), Method = parsed.GetValue(method), Seconds = parsed.GetValue(seconds), Calibrate = !parsed.GetValue(raw) };
            var report = kept is null ? EnsembleFlow.Run(artifacts, dataSet, called, options) : EnsembleFlow.Again(artifacts, EnsembleFile.Load(kept), called);
            PrintEnsemble(report);
            var page = Path.Combine(artifacts.Root, "reports", $"{called}.html");
            EnsemblePage(called, report).Write(page);
            Say($"ensemble: {report.File}");
            Say($"report: {page}");
            Say(report.Submission is null ? $"{report.DataSet} has no test logits, so there is no submission." : $"submission: {report.Submission}");
            Shared.PrintJson(parsed, new
            {
                dataset = report.DataSet,
                method = report.Method,
                aim = report.Aim.ToString(),
                members = report.Members.Select(m => new { run = m.Name, model = m.Model, val_accuracy = m.Accuracy, val_log_loss = m.LogLoss, weight = m.Weight, temperature = m.Temperature }),
                val_accuracy = report.Evaluation.Accuracy,
                val_log_loss = report.Evaluation.LogLoss,
                val_macro_f1 = report.Evaluation.MacroF1,
                all_val_accuracy = report.All.Accuracy,
                held_out = report.HeldOut,
                ladder = report.Ladder.Select(r => new { run = r.Added, score = r.Score.Score, low = r.Score.Low, high = r.Score.High, gain = r.Gain }),
                warning = report.Warning,
                ensemble = report.File,
                report = page,
                submission = report.Submission,
            });
            return ExitCode.Done;
        });
        return verb;
    }

    private static void PrintEnsemble(EnsembleReport report)
    {
        var table = new Table().Border(TableBorder.Minimal)
            .AddColumn("run").AddColumn("model").AddColumn("val accuracy %", c => c.RightAligned()).AddColumn("val log-loss", c => c.RightAligned())
            .AddColumn("temperature", c => c.RightAligned()).AddColumn("weight", c => c.RightAligned());
        foreach (var member in report.Members)
        {
            table.AddRow(
                Markup.Escape(member.Name), member.Model, $"{100 * member.Accuracy:0.00}", $"{member.LogLoss:0.0000}", $"{member.Temperature:0.00}", member.Weight > 0 ? $"{member.Weight:0.##}" : "-");
        }

        var inside = report.Members.Count(m => m.Weight > 0);
        table.AddRow($"soft vote of all {report.Members.Length}", "", $"{100 * report.All.Accuracy:0.00}", $"{report.All.LogLoss:0.0000}", "", "");
        table.AddRow($"[bold]ensemble of {inside}[/]", "", $"[bold]{100 * report.Evaluation.Accuracy:0.00}[/]", $"[bold]{report.Evaluation.LogLoss:0.0000}[/]", "", "");
        Say($"{report.DataSet}: {report.Members.Length} run(s), {report.Rows} validation rows; {report.Method} by {AimName(report.Aim)}");
        AnsiConsole.Write(table);
        if (report.Ladder.Length > 1)
        {
            var ladder = new Table().Border(TableBorder.Minimal)
                .AddColumn("ladder").AddColumn(AimName(report.Aim), c => c.RightAligned()).AddColumn("95 % interval").AddColumn("gain", c => c.RightAligned());
            foreach (var (rung, i) in report.Ladder.Select((r, i) => (r, i)))
            {
                ladder.AddRow($"{(i == 0 ? "" : "+ ")}{Markup.Escape(rung.Added)}", $"{rung.Score.Score:0.0000}", $"{rung.Score.Low:0.0000} to {rung.Score.High:0.0000}", i == 0 ? "" : $"{rung.Gain:+0.0000;-0.0000;0.0000}");
            }

            AnsiConsole.Write(ladder);
        }

        if (report.HeldOut is { } heldOut)
        {
            Say($"On rows it did not see, the search reaches {heldOut:0.0000} (5 folds); the figures above are of the rows it searched on.");
        }

        if (report.Warning is { } warning)
        {
            Say(warning);
        }
    }

    private static HtmlReport EnsemblePage(string name, EnsembleReport report)
    {
        var set = report.Validation.Set;
        var targets = set.RequireTargets();
        Evaluation[] evaluations = [.. set.Members.Select(m => Metrics.Evaluate(m.Logits.Span, set.Classes, targets))];
        var page = new HtmlReport(name)
            .Text($"{report.DataSet}: {report.Members.Length} run(s), {report.Rows} validation rows; {report.Method} by {AimName(report.Aim)}. {report.Evaluation}")
            .Text(report.HeldOut is { } heldOut ? $"On rows it did not see, the search reaches {heldOut:0.0000}." : "Nothing was held out.");
        if (report.Warning is { } warning)
        {
            page.Text(warning);
        }

        page.Heading("Models").Table(
            ["run", "model", "accuracy", "log-loss", "temperature", "weight"],
            report.Members.Select(m => (string[])[m.Name, m.Model, $"{m.Accuracy:0.0000}", $"{m.LogLoss:0.0000}", $"{m.Temperature:0.000}", $"{m.Weight:0.##}"]));
        page.Heading("Ladder").Table(
            ["member", AimName(report.Aim), "95 % interval", "gain"],
            report.Ladder.Select((r, i) => (string[])[r.Added, $"{r.Score.Score:0.0000}", $"{r.Score.Low:0.0000} to {r.Score.High:0.0000}", i == 0 ? "" : $"{r.Gain:+0.0000;-0.0000;0.0000}"]));
        page.Heading("The ensemble's classes").Picture(ClassPlots.Recall(name, report.Evaluation), "recall by class").Picture(ClassPlots.Reliability(name, report.Evaluation), "reliability");
        page.Table(["class", "taken for", "rows"], Compare.Confusions(report.Evaluation).Select(c => (string[])[ClassName(set, c.Target), ClassName(set, c.Prediction), $"{c.Rows}"]));
        if (set.Members.Length > 1)
        {
            page.Heading("How alike the models are").Table(
                ["model", "other", "agreement", "error correlation", "wrong rows that the other has right"],
                from a in Enumerable.Range(0, set.Members.Length)
                from b in Enumerable.Range(0, set.Members.Length)
                where a != b
                let alike = Compare.Alike(evaluations[a].Predictions, evaluations[b].Predictions, targets)
                select (string[])[set.Members[a].Metadata.Run, set.Members[b].Metadata.Run, $"{alike.Agreement:0.000}", $"{alike.ErrorCorrelation:0.000}", $"{alike.Mends}"]);
            page.Heading("Who mends whose weak classes").Table(
                ["model", "weak class", "recall", "mended by", "recall there"],
                Compare.Menders(evaluations).Select(m => (string[])[set.Members[m.Member].Metadata.Run, ClassName(set, m.Class), $"{m.Recall:0.000}", set.Members[m.Mender].Metadata.Run, $"{m.Mended:0.000}"]));
        }

        foreach (var (table, i) in set.Members.Select((t, i) => (t, i)))
        {
            page.Heading(table.Metadata.Run).Picture(ClassPlots.Recall(table.Metadata.Run, evaluations[i]), "recall by class")
                .Table(["class", "taken for", "rows"], Compare.Confusions(evaluations[i], 5).Select(c => (string[])[ClassName(set, c.Target), ClassName(set, c.Prediction), $"{c.Rows}"]));
        }

        return page;
    }

    private static void ExplainVote(ParseResult parsed, Explanation explanation)
    {
        Say($"{explanation.Split} {explanation.Id}: {explanation.ImagePath}{(explanation.Target is { } target ? $", a {target}" : "")}");
        var table = new Table().Border(TableBorder.Minimal).AddColumn("voter").AddColumn("weight", c => c.RightAligned()).AddColumn("first classes");
        foreach (var vote in explanation.Votes)
        {
            table.AddRow(Markup.Escape(vote.Run), $"{vote.Weight:0.##}", Markup.Escape(string.Join(", ", vote.Classes.Select(c => $"{c.Class} {c.Probability:0.000}"))));
        }

        AnsiConsole.Write(table);
        Shared.PrintJson(parsed, new
        {
            split = explanation.Split,
            id = explanation.Id,
            image_path = explanation.ImagePath,
            target = explanation.Target,
            votes = explanation.Votes.Select(v => new { run = v.Run, weight = v.Weight, classes = v.Classes.Select(c => new { name = c.Class, probability = c.Probability }) }),
        });
    }

    private static string AimName(Aim aim) => aim switch { Aim.Accuracy => "accuracy", Aim.LogLoss => "minus log-loss", _ => "macro F1" };

    private static string ClassName(LogitsSet set, int target) => string.Create(CultureInfo.InvariantCulture, $"{target} {set.ClassNames[target]}");
}
