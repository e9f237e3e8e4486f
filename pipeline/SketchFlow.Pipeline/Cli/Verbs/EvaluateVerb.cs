using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Reports.Fonts;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>evaluate</c>: measures a run or an ensemble from its cached logits; needs no libtorch.</summary>
[Verb(
    "evaluate",
    "Measure a run or an ensemble: metrics, weakest classes, calibration, confusions, plots. Run 'sketchflow predict' first; it writes the logits.",
    Order = 30,
    Examples =
    [
        "sketchflow evaluate --run resnet18-my-data-1",
        "sketchflow evaluate --run resnet18-my-data-1 --against convnext-my-data-1",
    ])]
public sealed class EvaluateVerb : Verb
{
    private const int Shown = 5;

    private readonly Option<string?> _run = new("--run", "--model", "--name")
    {
        HelpName = "name",
        Description = "A run or a saved ensemble; default: the best run of the data set on the split.",
    };

    private readonly Option<string?> _ensemble = new("--ensemble")
    {
        HelpName = "name",
        Description = "A saved ensemble: a file of artifacts/ensembles, or its name; the same as --run ensemble:NAME.",
    };

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "name",
        Description = "Another run or saved ensemble to compare with by McNemar's test.",
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "val, or train: the out-of-fold logits of 'train --folds', if the data set has its own val/.",
        DefaultValueFactory = _ => RunLogits.Validation,
    };

    private bool _isWriting;

    /// <inheritdoc/>
    public override string InterruptedSentence => InterruptedReport(_isWriting);

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_run, _ensemble, _against, _split, CommonOptions.DataOfLogits, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var split = parsed.GetValue(_split)!;
        var cache = new TableCache();
        var (evaluated, other) = Load(parsed, artifacts, split, cache);
        var result = EvaluateJob.Evaluate(evaluated, other);
        var evaluation = result.Report;
        var test = result.Comparison?.Test;
        var folder = Path.Combine(artifacts.Reports, $"evaluate-{evaluated.Name}-{split}");
        var images = FindImages(parsed, artifacts, evaluated);
        _isWriting = true;
        using (Progress.Open("drawing the report", 0, ""))
        {
            EvaluationFiles.Write(folder, result, images);
        }

        PrintEvaluation(evaluated, split, evaluation);
        if (test is not null)
        {
            var verdict = test.P < 0.05 ? "" : ": no significant difference";
            Log($"compared with {other!.Name}: both right {test.BothRight}, only {evaluated.Name} right {test.OnlyFirst}, "
                + $"only {other.Name} right {test.OnlySecond}, both wrong {test.BothWrong}; McNemar's p = {test.P:0.0000}{verdict}");
        }

        if (images is null)
        {
            Log("No grid of the worst mistakes: the images are neither where the runs were trained nor in the built-in data; give --data.");
        }

        if (MissingFont.For(evaluated.Set.ClassNames) is { } font)
        {
            Log(font.Message);
        }

        Log($"report: {Path.Combine(folder, EvaluationFiles.ReportName)}");
        PrintJson(parsed, evaluated, split, evaluation, test is null ? null : (other!.Name, test), folder);
        return ExitCode.Done;
    }

    private (EvaluatedRun Evaluated, EvaluatedRun? Other) Load(ParseResult parsed, Artifacts artifacts, string split, TableCache cache)
    {
        using var bar = Progress.Open("loading the tables", 0, "");
        var evaluated = LoadEvaluated(parsed, artifacts, split, cache);
        return (
            evaluated,
            parsed.GetValue(_against) is { } name ? EvaluateJob.Load(artifacts, () => evaluated.DataSet, split, name, _against.Name, cache) : null);
    }

    private static IReadOnlyDictionary<string, Sample>? FindImages(ParseResult parsed, Artifacts artifacts, EvaluatedRun evaluated)
    {
        using var bar = Progress.Open("finding the images", 0, "");
        return EvaluateJob.FindImages(artifacts, evaluated, parsed.GetValue(CommonOptions.DataOfLogits));
    }

    private EvaluatedRun LoadEvaluated(ParseResult parsed, Artifacts artifacts, string split, TableCache cache)
    {
        if (parsed.GetValue(_ensemble) is { } ensemble)
        {
            if (parsed.GetValue(_run) is not null)
            {
                throw new UsageException("--run and --ensemble were both given; give only one of them.");
            }

            var path = new TrainedModelNames(artifacts, _ensemble.Name).FindEnsembleFile(ensemble);
            return EvaluateJob.LoadEnsemble(artifacts, split, EnsembleFile.Load(path), Path.GetFileNameWithoutExtension(path), cache);
        }

        if (parsed.GetValue(_run) is { } run)
        {
            return EvaluateJob.Load(artifacts, () => CommonOptions.LogitsDataSet(parsed, artifacts), split, run, _run.Name, cache);
        }

        var dataSet = CommonOptions.LogitsDataSet(parsed, artifacts);
        var (best, leftOut) = EvaluateJob.LoadBestRun(artifacts, dataSet, split, cache);
        LeftOutMember.Describe(leftOut).ToList().ForEach(Warn);

        return best;
    }

    private static void PrintEvaluation(EvaluatedRun evaluated, string split, ClassificationReport evaluation)
    {
        Log($"{evaluated.Name} on {evaluated.DataSet}/{split}, {evaluation}");
        Log("ECE: mean difference of confidence and accuracy, 0 is best; Brier: squared error of the probabilities, from 0 (best) to 2");
        Classes(evaluation, evaluated.Set.ClassNames).ToList().ForEach(Log);
    }

    /// <summary>Describes the classes of lowest recall and the most frequent mistakes.</summary>
    internal static IEnumerable<string> Classes(ClassificationReport evaluation, IReadOnlyList<string> names)
    {
        var weakest = evaluation.WeakestClasses().ToList();
        var tied = weakest.Count(c => c.Recall == weakest[0].Recall);
        yield return tied > Shown ? $"lowest recall ({tied} classes at {Percent.Text(weakest[0].Recall)}, {Shown} shown):" : "lowest recall:";
        foreach (var weak in weakest.Take(Shown))
        {
            yield return $"  {names[weak.Class]} (class {weak.Class}): {weak.Right} of {weak.Support} found"
                + (weak.Right > 0 ? $" ({Percent.Text(weak.Recall)})" : "")
                + (weak.Predicted == 0 ? ", never predicted" : $", precision {Percent.Text(weak.Precision)}");
        }

        yield return "most frequent mistakes (true class → prediction):";
        foreach (var (target, prediction, count) in ModelComparison.Confusions(evaluation, Shown))
        {
            var support = evaluation.PerClass[target].Support;
            yield return $"  {names[target]} → {names[prediction]}: {count} of {Plural.Of(support, $"{names[target]} image")}";
        }
    }

    private static void PrintJson(
        ParseResult parsed, EvaluatedRun evaluated, string split, ClassificationReport evaluation, (string Name, McNemarResult Test)? against, string folder) =>
        CommonOptions.PrintJson(parsed, new
        {
            name = evaluated.Name,
            dataset = evaluated.DataSet,
            split,
            rows = evaluation.Rows,
            top1 = evaluation.Accuracy,
            top5 = evaluation.TopK,
            log_loss = evaluation.LogLoss,
            macro_f1 = evaluation.MacroF1,
            ece = evaluation.Ece,
            brier = evaluation.Brier,
            against = against is not { } other ? null : new
            {
                name = other.Name,
                both_right = other.Test.BothRight,
                only_first = other.Test.OnlyFirst,
                only_second = other.Test.OnlySecond,
                both_wrong = other.Test.BothWrong,
                p = other.Test.P,
            },
            folder,
            report = Path.Combine(folder, EvaluationFiles.ReportName),
        });
}
