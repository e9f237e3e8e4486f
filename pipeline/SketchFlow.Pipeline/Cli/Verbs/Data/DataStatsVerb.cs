using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs.Data;

/// <summary>The verb <c>data stats</c>: measures the mean and standard deviation of the training images.</summary>
[Verb(
    "data stats",
    "Measure the mean and standard deviation of the training images in one pass.",
    Order = 20,
    Examples = ["sketchflow data stats --data my-data", "sketchflow data stats --data my-data --size 128 --json"])]
public sealed class DataStatsVerb : Verb
{
    private readonly Option<int> _side = new("--size")
    {
        Description = "Side of the square to which images are resized first, in pixels.",
        DefaultValueFactory = _ => 224,
    };

    private readonly Option<ResizeMode> _fit = new("--fit")
    {
        Description = "letterbox (padding is included), stretch or centreCrop.",
        DefaultValueFactory = _ => ResizeMode.Letterbox,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [CommonOptions.Data, .. TableOptions.All, _side, _fit, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Measure(parsed, cancellation), () => "Interrupted; nothing was written.");

    private int Measure(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var data = CommonOptions.OpenData(parsed.GetValue(CommonOptions.Data), artifacts, TableOptions.Read(parsed));
        var preparation = new PadResizeOptions { Side = parsed.GetValue(_side), Fit = parsed.GetValue(_fit) };
        preparation.Check();
        var statistics = DataStatistics.Measure(new ImageFlowOptions { Preparation = preparation }, data.Train, Progress.Open, cancellation);
        Log($"{data.Name}: {statistics.Images:N0} images at {preparation.Side} px, of {data.Classes.Length:N0} classes{data.DescribeClassSizes()}; "
            + "mean and std per channel (R, G, B)");
        if (!data.Test.IsEmpty)
        {
            Log($"submission: {SubmissionText.Describe(data)}");
        }

        Log($"mean {Digits(statistics.Mean)}");
        Log($"std  {Digits(statistics.Std)}");
        CommonOptions.PrintJson(parsed, new
        {
            mean = statistics.Mean,
            std = statistics.Std,
            images = statistics.Images,
            pixels = statistics.Pixels,
            rejected = statistics.Rejected.Length,
        });
        var rejections = Path.Combine(artifacts.Reports, $"{data.Name}-stats-rejections.csv");
        RejectionStore.Write(rejections, statistics.Rejected);
        return CommonOptions.PrintRejections(statistics.Rejected, rejections);

        static string Digits(IEnumerable<double> values) => string.Join(' ', values.Select(v => v.ToString("0.000000", CultureInfo.InvariantCulture)));
    }
}
