using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Reporting;
using SketchFlow.Pipeline.Runs.Listing;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>report</c>: writes pages of runs, and one that leads to all pages; needs no libtorch.</summary>
[Verb(
    "report",
    "Write pages of runs (curves, recipe, classes, confusions, worst mistakes), and one page that leads to all experiments and reports.",
    Order = 38,
    Examples =
    [
        "sketchflow report",
        "sketchflow report --run resnet18-my-data-1 --against resnet18-my-data-2",
    ])]
public sealed class ReportVerb : Verb
{
    private readonly Option<string[]> _runs = new("--run", "--model", "--name")
    {
        HelpName = "name",
        Description = "Runs whose pages are written; default: all whose page is older than their results.",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "name",
        Description = "The run whose recipe is compared; default: the run of the same data set that differs least.",
    };

    /// <inheritdoc/>
    public override string InterruptedSentence =>
        "Interrupted. The pages that are written are complete; the same command writes the others.";

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_runs, _against, CommonOptions.DataOfLogits, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var rows = RunTable.All(artifacts, Warn);
        var job = new ReportJob(artifacts, rows);
        var names = parsed.GetValue(_runs)!;
        var against = parsed.GetValue(_against) is { } other ? RunTable.Named(job.Runs, other) : null;
        IReadOnlyList<RunRow> chosen = names.Length > 0
            ? [.. names.Select(n => RunTable.Named(job.Runs, n))]
            : [.. job.Runs.Where(r => !job.IsCurrent(r))];
        using (var bar = Progress.Open("writing pages", chosen.Count, "pages"))
        {
            for (var i = 0; i < chosen.Count; i++)
            {
                var run = chosen[i];
                bar.Report(i, run.Name);
                job.Run(run, against, parsed.GetValue(CommonOptions.DataOfLogits)).Write(ReportFiles.Run(artifacts, run.Name));
            }

            job.Index().Write(ReportFiles.Index(artifacts));
        }

        Log($"{Plural.Of(chosen.Count, "page")} of {Plural.Of(job.Runs.Count, "run")} written{(chosen.Count < job.Runs.Count ? ", the others are kept" : "")}");
        Log($"report: {ReportFiles.Index(artifacts)}");
        CommonOptions.PrintJson(parsed, new
        {
            report = ReportFiles.Index(artifacts),
            pages = chosen.Select(r => new { run = r.Name, page = ReportFiles.Run(artifacts, r.Name) }),
        });
        return ExitCode.Done;
    }
}
