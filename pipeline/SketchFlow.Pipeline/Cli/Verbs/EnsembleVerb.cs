using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Reports.Fonts;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>ensemble</c>: searches the best combination of cached logits; needs neither libtorch nor OpenCV.</summary>
[Verb(
    "ensemble",
    "Find the combination of runs with the best held-out estimate, and write the test submission. Run 'sketchflow predict' first; it writes the logits.",
    Order = 40,
    Examples =
    [
        "sketchflow ensemble --data my-data",
        "sketchflow ensemble --runs resnet18 --runs convnext --aim logloss",
        "sketchflow ensemble --from ensemble-my-data",
    ])]
public sealed class EnsembleVerb : Verb
{
    private readonly Option<string?> _name = new("--name") { Description = "Name of the ensemble and its submission; default: ensemble-DATASET." };

    private readonly Option<string[]> _runs = new("--runs")
    {
        HelpName = "name",
        Description = "Use only these runs: names such as a or a+hflip, in which * stands for any text.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        HelpName = "name",
        Description = "Do not use these runs: names as for --runs.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<EnsembleMethod> _method = new("--method")
    {
        Description = "Search: auto, exhaustive, greedy, bagged, forward, backward, swap, climb, or all (equal weights, no search).",
        DefaultValueFactory = _ => EnsembleMethod.Auto,
    };

    private readonly Option<CombineRule> _combine = new("--combine")
    {
        HelpName = "rule",
        Description = "How members are combined: soft, logits, rank, hard, perclass or stacked.",
        DefaultValueFactory = _ => CombineRule.Soft,
    };

    private readonly Option<EnsembleWeights> _weights = new("--weights")
    {
        Description = "Weights of the chosen members: searched, logloss or leastsquares.",
        DefaultValueFactory = _ => EnsembleWeights.Searched,
    };

    private readonly Option<Objective> _objective = new("--aim")
    {
        HelpName = "metric",
        Description = "Objective: accuracy, logloss or macrof1.",
        DefaultValueFactory = _ => Objective.Accuracy,
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Search budget in seconds on two CPU cores.",
        DefaultValueFactory = _ => new EnsembleOptions().Seconds,
    };

    private readonly Option<bool> _noCalibration = new("--no-calibration") { Description = "Skip temperature calibration." };

    private readonly Option<bool> _noComparison = new("--no-comparison") { Description = "Skip the comparison with other ways of combining." };

    private readonly Option<double?> _memory = new("--memory")
    {
        HelpName = "gib",
        Description = "GiB of logits to keep in memory; the rest is kept in scratch files. Default: half of the available memory.",
    };

    private readonly Option<string?> _from = new("--from")
    {
        HelpName = "ensemble",
        Description = "Rebuild a saved ensemble and check its hashes: a file of artifacts/ensembles, or its name.",
    };

    private readonly Option<long?> _explain = new("--explain")
    {
        HelpName = "id",
        Description = "Print the prediction of each member of the saved ensemble for the image with this id, and write nothing.",
    };

    private bool _isWriting;

    /// <inheritdoc/>
    public override string InterruptedSentence => InterruptedReport(_isWriting);

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.DataOfLogits, _name, _runs, _exclude, _method, _combine, _weights, _objective, _seconds, _noCalibration, _noComparison, _memory, _from,
        _explain, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var saved = parsed.GetValue(_from) is { } given ? new TrainedModelNames(artifacts, _from.Name).FindEnsembleFile(given) : null;
        var dataSet = saved is null ? CommonOptions.LogitsDataSet(parsed, artifacts) : "";
        var name = Artifacts.CheckName(parsed.GetValue(_name) ?? (saved is null ? $"ensemble-{dataSet}" : Path.GetFileNameWithoutExtension(saved)), "--name");
        if (parsed.GetValue(_explain) is { } id)
        {
            PrintExplanation(parsed, EnsembleJob.Explain(artifacts, EnsembleFile.Load(saved ?? EnsembleFile.PathOf(artifacts, name)), id));
            return ExitCode.Done;
        }

        var options = Options(parsed);
        var report = saved is null
            ? EnsembleJob.Run(artifacts, dataSet, options, Progress.Open)
            : EnsembleJob.Rebuild(artifacts, EnsembleFile.Load(saved), Progress.Open);
        var files = new EnsembleFiles(artifacts, name, report.DataSet);
        _isWriting = true;
        var gaps = files.WriteEnsemble(report);
        foreach (var note in report.Notes)
        {
            Log(note);
        }

        gaps.ToList().ForEach(Warn);
        LeftOutMember.Describe(report.LeftOut).ToList().ForEach(Warn);

        EnsembleTables.Print(
            report, saved is not null ? "Saved combination" : report.HeldOut is null || options.IsChosenByUser ? "Combination" : "Best combination");
        using (Progress.Open("drawing the report", 0, ""))
        {
            files.WriteReport(report);
        }

        if (MissingFont.For(report.Validation.Set.ClassNames) is { } font)
        {
            Log(font.Message);
        }

        Log($"ensemble: {files.Definition}");
        Log($"report: {files.Page}");
        Log(report.Test is null ? $"{report.DataSet} has no test logits, so no submission was written." : $"submission: {files.Submission}");
        PrintJson(parsed, report, files);
        return ExitCode.Done;
    }

    private EnsembleOptions Options(ParseResult parsed)
    {
        if (parsed.GetValue(_memory) is < 0)
        {
            throw new UsageException($"--memory is {parsed.GetValue(_memory)}, expected 0 GiB or more.");
        }

        return new EnsembleOptions
        {
            Objective = parsed.GetValue(_objective),
            Method = parsed.GetValue(_method),
            Combine = parsed.GetValue(_combine),
            Weights = parsed.GetValue(_weights),
            Seconds = parsed.GetValue(_seconds),
            Calibrate = !parsed.GetValue(_noCalibration),
            Compare = !parsed.GetValue(_noComparison),
            Members = new MemberFilter([.. parsed.GetValue(_runs)!], [.. parsed.GetValue(_exclude)!]),
            // A requested way is used even where another has the better estimate.
            IsChosenByUser = new Option[] { _method, _combine, _weights }.Any(o => parsed.GetResult(o) is { Implicit: false }),
            Memory = parsed.GetValue(_memory) is { } gib ? (long)Math.Min(gib * (1L << 30), long.MaxValue / 2) : ScratchArena.HalfOfMemory,
        };
    }

    private static void PrintJson(ParseResult parsed, EnsembleReport report, EnsembleFiles files) => CommonOptions.PrintJson(parsed, new
    {
        dataset = report.DataSet,
        method = report.Method,
        combine = EnsembleSearch.NameOf(report.Combine),
        aim = report.Objective.ToString(),
        members = report.Members.Select(m => new
        {
            run = m.Name,
            estimated_by = m.EstimatedBy,
            model = m.Model,
            val_accuracy = m.Accuracy,
            val_log_loss = m.LogLoss,
            val_log_loss_calibrated = m.CalibratedLogLoss,
            weight = m.Weight,
            temperature = m.Temperature,
        }),
        val_accuracy = report.Evaluation.Accuracy,
        val_log_loss = report.Evaluation.LogLoss,
        val_macro_f1 = report.Evaluation.MacroF1,
        all_val_accuracy = report.All.Accuracy,
        held_out = report.HeldOut is { } estimate ? new { score = estimate.Score, low = estimate.Low, high = estimate.High } : null,
        comparison = report.Candidates.Select(r => new
        {
            name = r.Name,
            score = r.FittedScore,
            held_out = r.HeldOut?.Score,
            low = r.HeldOut?.Low,
            high = r.HeldOut?.High,
            log_loss = r.LogLoss,
            chosen = r.IsChosen,
            command = r.Options.Command,
        }),
        members_left_out = report.LeftOut.Select(m => new { run = m.Name, reason = m.Reason }),
        notes = report.Notes,
        left_out = report.Skipped.Select(c => c.Name),
        left_out_seconds = report.Skipped.Select(c => c.Seconds),
        ladder = report.Ladder.Select(r => new { run = r.Added, score = r.Score.Score, low = r.Score.Low, high = r.Score.High, gain = r.Gain }),
        warning = report.Warning,
        ensemble = files.Definition,
        report = files.Page,
        submission = report.Test is null ? null : files.Submission,
    });

    private static void PrintExplanation(ParseResult parsed, Explanation explanation)
    {
        Log($"{explanation.Split} {explanation.Id}: {explanation.ImagePath}{(explanation.Target is { } target ? $", true class {target}" : "")}");
        EnsembleTables.Votes(explanation).Print();
        CommonOptions.PrintJson(parsed, new
        {
            split = explanation.Split,
            id = explanation.Id,
            image_path = explanation.ImagePath,
            target = explanation.Target,
            votes = explanation.Votes.Select(v => new
            {
                run = v.Run,
                weight = v.Weight,
                classes = v.Classes.Select(c => new { name = c.Class, probability = c.Probability }),
            }),
        });
    }
}
