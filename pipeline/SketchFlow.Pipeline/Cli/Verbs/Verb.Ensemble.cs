using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow ensemble</c>: offline, from cached logits alone.</summary>
    private static Command Ensemble()
    {
        var name = new Option<string?>("--name") { Description = "Name of the ensemble and its submission; by default ensemble-DATASET." };
        var method = new Option<EnsembleMethod>("--method") { Description = "auto, exhaustive, greedy, bagged, forward, backward, swap, climb, or all (equal weights, no search).", DefaultValueFactory = _ => EnsembleMethod.Auto };
        var combine = new Option<CombineRule>("--combine") { Description = "soft, logits, rank, hard, perclass or stacked.", DefaultValueFactory = _ => CombineRule.Soft };
        var weights = new Option<EnsembleWeights>("--weights") { Description = "Weights of the chosen: searched, logloss or leastsquares.", DefaultValueFactory = _ => EnsembleWeights.Searched };
        var aim = new Option<Objective>("--aim") { Description = "accuracy, logloss or macrof1.", DefaultValueFactory = _ => Objective.Accuracy };
        var seconds = new Option<double>("--seconds") { Description = "What the search may cost, in seconds of two cores.", DefaultValueFactory = _ => new EnsembleOptions().Seconds };
        var raw = new Option<bool>("--no-calibration") { Description = "Leave every temperature at 1." };
        var alone = new Option<bool>("--no-comparison") { Description = "Do not measure the other ways of combining." };
        var memory = new Option<double?>("--memory") { Description = "GiB of logits held in memory, by default half of what there is; the rest lies in scratch files." };
        var from = new Option<string?>("--from") { Description = "Make this kept ensemble again (a file of artifacts/ensembles, or its name)." };
        var explain = new Option<long?>("--explain") { Description = "Say how each member of the kept ensemble voted on the image of this id; nothing is written." };
        var verb = new Command("ensemble", "Find the best combination of all cached logits of a data set on validation; write the test submission.")
        {
            CommonOptions.Data, name, method, combine, weights, aim, seconds, raw, alone, memory, from, explain, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var kept = parsed.GetValue(from) is { } given ? (given.EndsWith(".yaml", StringComparison.Ordinal) ? given : EnsembleFile.PathOf(artifacts, given)) : null;
            var dataSet = kept is not null ? ""
                : parsed.GetValue(CommonOptions.Data) is { } folder ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
                : EnsembleJob.FindNewestDataSet(artifacts);
            var called = Artifacts.CheckName(parsed.GetValue(name) ?? (kept is null ? $"ensemble-{dataSet}" : Path.GetFileNameWithoutExtension(kept)), "--name");
            if (parsed.GetValue(explain) is { } id)
            {
                ExplainVote(parsed, EnsembleJob.Explain(artifacts, EnsembleFile.Load(kept ?? EnsembleFile.PathOf(artifacts, called)), id));
                return ExitCode.Done;
            }

            if (parsed.GetValue(memory) is < 0)
            {
                throw new UsageException($"--memory is {parsed.GetValue(memory)}, expected 0 GiB or more.");
            }

            var options = new EnsembleOptions
            {
                Objective = parsed.GetValue(aim),
                Method = parsed.GetValue(method),
                Combine = parsed.GetValue(combine),
                Weights = parsed.GetValue(weights),
                Seconds = parsed.GetValue(seconds),
                Calibrate = !parsed.GetValue(raw),
                Compare = !parsed.GetValue(alone),
                Memory = parsed.GetValue(memory) is { } gib ? (long)Math.Min(gib * (1L << 30), long.MaxValue / 2) : ScratchArena.HalfOfMemory,
            };
            var report = kept is null ? EnsembleJob.Run(artifacts, dataSet, called, options) : EnsembleJob.Rebuild(artifacts, EnsembleFile.Load(kept), called);
            PrintEnsemble(report);
            var page = Path.Combine(artifacts.Root, "reports", $"{called}.html");
            EnsembleReports.Page(called, report).Write(page);
            EnsembleReports.WriteRecalls(Path.ChangeExtension(page, null) + "-recall.csv", report);
            Log($"ensemble: {report.File}");
            Log($"report: {page}");
            Log(report.Submission is null ? $"{report.DataSet} has no test logits, so there is no submission." : $"submission: {report.Submission}");
            CommonOptions.PrintJson(parsed, new
            {
                dataset = report.DataSet,
                method = report.Method,
                combine = EnsembleSearch.NameOf(report.Combine),
                aim = report.Objective.ToString(),
                members = report.Members.Select(m => new { run = m.Name, model = m.Model, val_accuracy = m.Accuracy, val_log_loss = m.LogLoss, weight = m.Weight, temperature = m.Temperature }),
                val_accuracy = report.Evaluation.Accuracy,
                val_log_loss = report.Evaluation.LogLoss,
                val_macro_f1 = report.Evaluation.MacroF1,
                all_val_accuracy = report.All.Accuracy,
                held_out = report.HeldOut is { } unseen ? new { score = unseen.Score, low = unseen.Low, high = unseen.High } : null,
                comparison = report.Candidates.Select(r => new { name = r.Name, score = r.FittedScore, held_out = r.HeldOut?.Score, low = r.HeldOut?.Low, high = r.HeldOut?.High, log_loss = r.LogLoss }),
                left_out = report.Skipped,
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
        var table = TerminalTable.New().Text("run").Text("model").Number("val accuracy %").Number("val log-loss").Number("temperature").Number("weight");
        foreach (var member in report.Members)
        {
            table.AddRow(
                Markup.Escape(member.Name), member.Model, $"{100 * member.Accuracy:0.00}", $"{member.LogLoss:0.0000}", $"{member.Temperature:0.00}", member.Weight > 0 ? $"{member.Weight:0.##}" : "-");
        }

        var inside = report.Members.Count(m => m.Weight > 0);
        table.AddRow($"soft vote of all {report.Members.Length}", "", $"{100 * report.All.Accuracy:0.00}", $"{report.All.LogLoss:0.0000}", "", "");
        table.AddRow($"[bold]ensemble of {inside}[/]", "", $"[bold]{100 * report.Evaluation.Accuracy:0.00}[/]", $"[bold]{report.Evaluation.LogLoss:0.0000}[/]", "", "");
        Log($"{report.DataSet}: {report.Members.Length} run(s), {report.Rows} validation rows; {report.Method} by {AimName(report.Objective)}");
        table.Print();
        if (report.Ladder.Length > 1)
        {
            var ladder = TerminalTable.New().Text("ladder").Number(AimName(report.Objective)).Text("95 % interval").Number("gain");
            foreach (var (rung, i) in report.Ladder.Select((r, i) => (r, i)))
            {
                ladder.AddRow($"{(i == 0 ? "" : "+ ")}{Markup.Escape(rung.Added)}", $"{rung.Score.Score:0.0000}", $"{rung.Score.Low:0.0000} to {rung.Score.High:0.0000}", i == 0 ? "" : $"{rung.Gain:+0.0000;-0.0000;0.0000}");
            }

            ladder.Print();
        }

        if (report.HeldOut is { } heldOut)
        {
            Log($"On rows it did not see, all this reaches {heldOut} (5 folds, calibration and search anew in each); the figures above are of the rows it searched on.");
        }

        if (report.Candidates.Length > 0)
        {
            var rivals = TerminalTable.New().Text("other ways").Number($"{AimName(report.Objective)} on these rows")
                .Number("on rows not seen").Text("95 % interval").Number("log-loss");
            foreach (var rival in report.Candidates)
            {
                rivals.AddRow(rival.Name, $"{rival.FittedScore:0.0000}", rival.HeldOut is { } h ? $"{h.Score:0.0000}" : "-", rival.HeldOut is { } i ? $"{i.Low:0.0000} to {i.High:0.0000}" : "-", $"{rival.LogLoss:0.0000}");
            }

            rivals.Print();
        }

        if (report.Skipped.Length > 0)
        {
            Log($"Left out for their cost (--seconds): {string.Join("; ", report.Skipped)}.");
        }

        if (report.Warning is { } warning)
        {
            Log(warning);
        }
    }

    private static void ExplainVote(ParseResult parsed, Explanation explanation)
    {
        Log($"{explanation.Split} {explanation.Id}: {explanation.ImagePath}{(explanation.Target is { } target ? $", a {target}" : "")}");
        var table = TerminalTable.New().Text("voter").Number("weight").Sentences("first classes");
        foreach (var vote in explanation.Votes)
        {
            table.AddRow(Markup.Escape(vote.Run), $"{vote.Weight:0.##}", Markup.Escape(string.Join(", ", vote.Classes.Select(c => $"{c.Class} {c.Probability:0.000}"))));
        }

        table.Print();
        CommonOptions.PrintJson(parsed, new
        {
            split = explanation.Split,
            id = explanation.Id,
            image_path = explanation.ImagePath,
            target = explanation.Target,
            votes = explanation.Votes.Select(v => new { run = v.Run, weight = v.Weight, classes = v.Classes.Select(c => new { name = c.Class, probability = c.Probability }) }),
        });
    }

    private static string AimName(Objective aim) => EnsembleReports.NameOf(aim);

    private static string ClassName(LogitsSet set, int target) => string.Create(CultureInfo.InvariantCulture, $"{target} {set.ClassNames[target]}");
}
