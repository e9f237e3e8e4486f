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
    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of train.csv and test.csv if they are not UTF-8, such as windows-1252 or cp949.",
    };

    private readonly Option<string?> _imageColumn = new("--image-column")
    {
        HelpName = "name",
        Description = "Column of a competition's tables that names the images; default: found by its name and content.",
    };

    private readonly Option<string?> _labelColumn = new("--label-column")
    {
        HelpName = "name",
        Description = "Column of a competition's training table that names the classes; default: found by its name and content.",
    };

    private bool _isWriting;

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [CommonOptions.Data, _encoding, _imageColumn, _labelColumn, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(cancellation => Explore(parsed, cancellation), () => _isWriting
        ? "Interrupted while files were written: each is complete or unchanged. The same command writes all of them again."
        : "Interrupted; nothing was written. The same command starts again.");

    private int Explore(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var data = CommonOptions.OpenData(parsed.GetValue(CommonOptions.Data), artifacts, new DataSetOptions
        {
            Encoding = parsed.GetValue(_encoding),
            ImageColumn = parsed.GetValue(_imageColumn),
            LabelColumn = parsed.GetValue(_labelColumn),
        });
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
