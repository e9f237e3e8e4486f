using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow evaluate</c>: offline, from cached logits alone.</summary>
    private static Command Evaluate()
    {
        var run = new Option<string?>("--run") { Description = "The run; by default the best of the data set on the split." };
        var ensemble = new Option<string?>("--ensemble") { Description = "A kept ensemble instead of a run (a file of artifacts/ensembles, or its name)." };
        var against = new Option<string?>("--against") { Description = "Another run, or kept ensemble, to compare with by McNemar's test." };
        var split = new Option<string>("--split") { Description = "val or train.", DefaultValueFactory = _ => RunLogits.Validation };
        var verb = new Command("evaluate", "Measure a run or an ensemble from its cached logits: metrics, classes, calibration, confusions, pictures.")
        {
            run, ensemble, against, split, CommonOptions.Data, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var rows = parsed.GetValue(split)!;
            if (parsed.GetValue(run) is not null && parsed.GetValue(ensemble) is not null)
            {
                throw new UsageException("Both --run and --ensemble were given, expected one of them.");
            }

            EvaluatedRun judged;
            if (parsed.GetValue(ensemble) is { } given)
            {
                var path = given.EndsWith(".yaml", StringComparison.Ordinal) ? given : EnsembleFile.PathOf(artifacts, given);
                judged = EvaluateJob.LoadEnsemble(artifacts, rows, EnsembleFile.Load(path), Path.GetFileNameWithoutExtension(path));
            }
            else
            {
                var dataSet = parsed.GetValue(CommonOptions.Data) is { } folder
                    ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
                    : EnsembleJob.FindNewestDataSet(artifacts);
                judged = EvaluateJob.LoadRun(artifacts, dataSet, rows, parsed.GetValue(run) ?? EvaluateJob.BestRun(artifacts, dataSet, rows));
            }

            var evaluation = judged.Evaluate();
            var rival = parsed.GetValue(against) is { } other ? EvaluateJob.Load(artifacts, judged.DataSet, rows, other) : null;
            var test = rival is null ? null : EvaluateJob.Compare(judged, rival);
            var output = Path.Combine(artifacts.Root, "reports", $"evaluate-{judged.Name}-{rows}");
            var images = EvaluateJob.FindImages(artifacts, judged, parsed.GetValue(CommonOptions.Data));
            EvaluateJob.Write(output, judged, evaluation, images, test is null ? null : (rival!, test));
            Log($"{judged.Name} on {judged.DataSet}/{rows}, {evaluation}");
            foreach (var weak in evaluation.PerClass.Where(c => c.Recall is not null).OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(5))
            {
                Log($"  {ClassName(judged.Set, weak.Class)}: recall {weak.Recall:0.000}, precision {(weak.Precision is { } p ? $"{p:0.000}" : "-")}");
            }

            foreach (var (target, prediction, count) in ModelComparison.Confusions(evaluation, 5))
            {
                Log($"  {ClassName(judged.Set, target)} taken for {ClassName(judged.Set, prediction)}: {count}");
            }

            if (test is not null)
            {
                Log($"against {rival!.Name}: {test.BothRight} rows both right, {test.OnlyFirst} only {judged.Name}, {test.OnlySecond} only {rival.Name}, {test.BothWrong} neither; "
                    + $"McNemar's p = {test.P:0.0000}{(test.P < 0.05 ? "" : ", which may well be chance")}");
            }

            if (images is null)
            {
                Log("Without a grid of the worst images: they were found neither where the runs say nor in built-in data; give --data.");
            }

            Log($"written to {output}");
            CommonOptions.PrintJson(parsed, new
            {
                name = judged.Name,
                dataset = judged.DataSet,
                split = rows,
                rows = evaluation.Rows,
                top1 = evaluation.Accuracy,
                top5 = evaluation.TopK,
                log_loss = evaluation.LogLoss,
                macro_f1 = evaluation.MacroF1,
                ece = evaluation.Ece,
                brier = evaluation.Brier,
                against = rival is null ? null : new { name = rival.Name, both_right = test!.BothRight, only_first = test.OnlyFirst, only_second = test.OnlySecond, both_wrong = test.BothWrong, p = test.P },
                folder = output,
            });
            return ExitCode.Done;
        });
        return verb;
    }
}
