using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Auditing;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Audit;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>audit</c>: finds wrong labels and hard images in the cached logits of images that were not trained on; needs no libtorch.</summary>
[Verb(
    "audit",
    "Find likely label errors, ambiguous images, outliers, copies with other labels and classes that merge, from the logits of 'sketchflow predict' or of "
    + "'train --folds'.",
    Order = 35,
    Examples =
    [
        "sketchflow audit --run resnet18-my-data-1",
        "sketchflow audit --run all --data my-data --drop",
        "sketchflow audit --run resnet18-my-data-1 --method both",
    ])]
public sealed class AuditVerb : Verb
{
    private const string Training = "train";

    private readonly Option<string?> _run = new("--run", "--model", "--name")
    {
        HelpName = "name",
        Description = "A run, a saved ensemble, or all for the mean of all runs; default: the best run of the data set on the split. A run of "
            + "'train --folds' has logits of all training images.",
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "val, or train: the out-of-fold logits of 'train --folds', if the data set has its own val/.",
        DefaultValueFactory = _ => RunLogits.Validation,
    };

    private readonly Option<PruneMethod> _method = new("--method")
    {
        Description = "Rule for likely label errors: noiserate, class, both (found by each of the two), or confident.",
        DefaultValueFactory = _ => new AuditOptions().Method,
    };

    private readonly Option<LabelQualityScore> _score = new("--score")
    {
        HelpName = "score",
        Description = "Score that ranks the images: confidence, margin or entropy.",
        DefaultValueFactory = _ => new AuditOptions().Score,
    };

    private readonly Option<bool> _drop = new("--drop") { Description = "Give likely label errors the weight 0 in weights.csv; default: a weight by quality." };

    private readonly Option<bool> _noCopies = new("--no-copies")
    {
        Description = "Do not search for copies with other labels, which decodes every labelled image.",
    };

    private bool _isWriting;

    /// <inheritdoc/>
    public override string InterruptedSentence => InterruptedReport(_isWriting);

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_run, _split, _method, _score, _drop, _noCopies, CommonOptions.DataOfLogits, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var split = parsed.GetValue(_split)!;
        if (split is not (RunLogits.Validation or Training))
        {
            throw new UsageException($"--split is {split}, expected val or train: only they have labels.");
        }

        var evaluated = Load(parsed, artifacts, split);
        var data = FindData(parsed, artifacts, evaluated);
        var noCopies = parsed.GetValue(_noCopies) ? "--no-copies" : data is null ? "the images were not found; give --data" : null;
        var copies = noCopies is null ? new CopySearch(FindCopies(data!)) : new CopySearch(null, noCopies);
        var options = new AuditOptions { Method = parsed.GetValue(_method), Score = parsed.GetValue(_score) };
        var report = AuditJob.Run(evaluated, options, data, copies, parsed.GetValue(_drop));
        var folder = Folder(artifacts, report);
        _isWriting = true;
        using (Progress.Open("writing the report", 0, ""))
        {
            AuditFiles.Write(folder, report, data is null ? null : EvaluateJob.ByPath(data));
        }

        AuditSummary.Print(report);
        if (report.ChanceWarning is { } warning)
        {
            Warn($"Warning: {warning}");
        }

        Log($"report: {Path.Combine(folder, AuditFiles.PageName)}");
        if (report.Weights is null)
        {
            Log("No weights.csv: no training image was audited, only images of val/; audit --split train after train --folds.");
        }
        else
        {
            Log($"weights for train --sample-weights: {Path.Combine(folder, AuditFiles.WeightsName)}");
        }

        PrintJson(parsed, report, folder);
        return ExitCode.Done;
    }

    private static string Folder(Artifacts artifacts, AuditReport report)
    {
        var name = report.Name == AuditJob.AllRuns ? $"{report.Name}-{report.DataSet.Replace(Path.DirectorySeparatorChar, '-')}" : report.Name;
        return Path.Combine(artifacts.Reports, "audit", report.Split == RunLogits.Validation ? name : $"{name}-{report.Split}");
    }

    private EvaluatedRun Load(ParseResult parsed, Artifacts artifacts, string split)
    {
        using var bar = Progress.Open("loading the tables", 0, "");
        var name = parsed.GetValue(_run);
        if (name is not null && name != AuditJob.AllRuns)
        {
            return EvaluateJob.Load(artifacts, () => CommonOptions.LogitsDataSet(parsed, artifacts), split, name, _run.Name);
        }

        var dataSet = CommonOptions.LogitsDataSet(parsed, artifacts);
        var (evaluated, leftOut) = name is null ? EvaluateJob.LoadBestRun(artifacts, dataSet, split) : AuditJob.LoadAll(artifacts, dataSet, split);
        LeftOutMember.Describe(leftOut).ToList().ForEach(Warn);

        return evaluated;
    }

    private static DataSet? FindData(ParseResult parsed, Artifacts artifacts, EvaluatedRun evaluated)
    {
        using var bar = Progress.Open("finding the images", 0, "");
        return EvaluateJob.FindData(artifacts, evaluated, parsed.GetValue(CommonOptions.DataOfLogits));
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, ConflictingCopy> FindCopies(DataSet data)
    {
        using var bar = Progress.Open("searching for copies", 0, "");
        return ConflictingCopies.Find(data, CancellationToken.None);
    }

    private static void PrintJson(ParseResult parsed, AuditReport report, string folder)
    {
        var (result, images) = (report.Result, report.Findings.ToDictionary(f => f.Finding, f => f.Images));
        CommonOptions.PrintJson(parsed, new
        {
            name = report.Name,
            dataset = report.DataSet,
            split = report.Split,
            images = result.Images.Length,
            unlabelled = report.Unlabelled,
            rejected = report.Rejected,
            label_errors = images[AuditFindings.LabelError],
            duplicates = images[AuditFindings.Duplicate],
            unlearnable = images[AuditFindings.Unlearnable],
            ambiguous = images[AuditFindings.Ambiguous],
            outliers = images[AuditFindings.Outlier],
            merging = result.Merging.Length,
            folder,
            report = Path.Combine(folder, AuditFiles.PageName),
            weights = report.Weights is null ? null : Path.Combine(folder, AuditFiles.WeightsName),
        });
    }
}
