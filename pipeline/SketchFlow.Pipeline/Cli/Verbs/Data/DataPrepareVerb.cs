using System.CommandLine;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Preparing;

namespace SketchFlow.Pipeline.Cli.Verbs.Data;

/// <summary>The verb <c>data prepare</c>: converts ImageNet-Sketch.</summary>
[Verb(
    "data prepare",
    "Convert ImageNet-Sketch to the competition's file layout; continues after an interruption.",
    Order = 30,
    Examples =
    [
        "sketchflow data prepare --from ImageNet-Sketch.zip",
        "sketchflow data prepare --from sketch/ --classes 100 --out my-data",
    ])]
public sealed class DataPrepareVerb : Verb
{
    private readonly Option<string> _source = new("--from")
    {
        Description = "ImageNet-Sketch as published: a folder with one folder per class, a .zip, .tar, .tar.gz or .tgz of it, or Parquet shards.",
        Required = true,
    };

    private readonly Option<string?> _output = new("--out") { Description = "Output folder; default: artifacts/data/imagenet-sketch." };

    private readonly Option<int> _classes = new("--classes")
    {
        Description = "Number of classes to keep: those with the most images.",
        DefaultValueFactory = _ => new PreparationOptions().Classes,
    };

    private readonly Option<double> _share = new("--train")
    {
        Description = "Share of each class for training, with labels.",
        DefaultValueFactory = _ => new PreparationOptions().Train,
    };

    private readonly Option<long> _seed = new("--seed") { Description = "Random seed of the split.", DefaultValueFactory = _ => new PreparationOptions().Seed };

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of the names in a .zip that are not UTF-8, such as cp949, shift_jis or gb18030.",
    };

    private readonly Option<double> _maxGigabytes = new("--max-gigabytes")
    {
        Description = "Largest number of gigabytes that an archive may unpack to.",
        DefaultValueFactory = _ => new PreparationOptions().MaxGigabytes,
    };

    private readonly Option<int> _maxFiles = new("--max-files")
    {
        Description = "Largest number of members that an archive may have.",
        DefaultValueFactory = _ => new PreparationOptions().MaxFiles,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_source, _output, _classes, _share, _seed, _encoding, _maxGigabytes, _maxFiles, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) =>
        RunInterruptible(cancellation => Prepare(parsed, cancellation), () => "Interrupted. Run the same command again to continue.");

    private int Prepare(ParseResult parsed, CancellationToken cancellation)
    {
        var folder = parsed.GetValue(_output) ?? Path.Combine(CommonOptions.ArtifactsOf(parsed).Data, "imagenet-sketch");
        var options = new PreparationOptions
        {
            Classes = parsed.GetValue(_classes),
            Train = parsed.GetValue(_share),
            Seed = parsed.GetValue(_seed),
            Encoding = parsed.GetValue(_encoding),
            MaxGigabytes = parsed.GetValue(_maxGigabytes),
            MaxFiles = parsed.GetValue(_maxFiles),
        };
        Progress? bar = null;
        try
        {
            var report = DataPreparation.Run(
                options, parsed.GetValue(_source)!, folder, (done, total) => (bar ??= Progress.Open("prepare", total, "images")).Report(done), cancellation);
            bar?.Dispose();
            if (report.NotUsed.Length > 0)
            {
                Log($"not used: {report.NotUsed}");
            }

            Log($"{folder}: {report.Classes} classes, {report.Train} training and {report.Test} test images "
                + $"({report.Kept} already existed); hidden labels in {report.Answers}");
            CommonOptions.PrintJson(parsed, report);
            return CommonOptions.PrintRejections(report.Rejected, report.Rejections);
        }
        finally
        {
            bar?.Dispose();
        }
    }
}
