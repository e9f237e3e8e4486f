using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Exploring;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>eda</c>: explores the images of a data set before a model is trained; needs no libtorch.</summary>
[Verb(
    "eda",
    "Explore the images of a data set: counts, sizes, brightness, ink and strokes with their outliers, copies of images within and across classes and splits, "
    + "broken files.",
    Order = 5,
    Examples = ["sketchflow eda --data my-data", "sketchflow eda --data my-data --json"])]
public sealed class EdaVerb : Verb
{
    private bool _isWriting;

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [CommonOptions.Data, .. TableOptions.All, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(cancellation => Explore(parsed, cancellation), () => InterruptedReport(_isWriting));

    private int Explore(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var data = CommonOptions.OpenData(parsed.GetValue(CommonOptions.Data), artifacts, TableOptions.Read(parsed));
        var found = ExploreJob.Run(data, Environment.ProcessorCount, Progress.Open, cancellation);
        var folder = Path.Combine(artifacts.Reports, "data", data.Name);
        _isWriting = true;
        using (Progress.Open("writing the report", 0, ""))
        {
            ExplorationFiles.Write(folder, found);
        }

        EdaSummary.Print(found);
        var page = Path.Combine(folder, ExplorationFiles.PageName);
        Log($"report: {page}");
        CommonOptions.PrintJson(parsed, new { summary = ExplorationSummary.Create(found), folder, report = page });
        return CommonOptions.PrintRejections([.. found.Rejected.Select(r => r.Rejected)], Path.Combine(folder, ExplorationFiles.RejectedName));
    }
}
