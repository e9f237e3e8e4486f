using System.CommandLine;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Cli.Verbs.Data;

/// <summary>The verb <c>data doodles</c>: draws the built-in data set.</summary>
[Verb(
    "data doodles",
    "Draw the built-in data set: line drawings in varied styles, in the competition's file layout.",
    Order = 10,
    Examples = ["sketchflow data doodles", "sketchflow data doodles --classes 10 --train 100 --out my-doodles"])]
public sealed class DataDoodlesVerb : Verb
{
    private readonly Option<int> _classes = new("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => new DoodlesOptions().Classes };

    private readonly Option<int> _train = new("--train")
    {
        Description = "Training images per class.",
        DefaultValueFactory = _ => new DoodlesOptions().TrainPerClass,
    };

    private readonly Option<int> _test = new("--test") { Description = "Test images per class.", DefaultValueFactory = _ => new DoodlesOptions().TestPerClass };

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Random seed; the same seed gives identical files.",
        DefaultValueFactory = _ => new DoodlesOptions().Seed,
    };

    private readonly Option<string?> _output = new("--out") { Description = "Output folder; default: artifacts/data/doodles." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_classes, _train, _test, _seed, _output, CommonOptions.Artifacts];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Draw(parsed, cancellation), () => "Interrupted. The data set is incomplete; the same command draws it again.");

    private int Draw(ParseResult parsed, CancellationToken cancellation)
    {
        var folder = parsed.GetValue(_output) ?? Path.Combine(CommonOptions.ArtifactsOf(parsed).Data, "doodles");
        var options = new DoodlesOptions
        {
            Classes = parsed.GetValue(_classes),
            TrainPerClass = parsed.GetValue(_train),
            TestPerClass = parsed.GetValue(_test),
            Seed = parsed.GetValue(_seed),
        };
        DataSource.DrawDoodles(options, folder, Progress.Open, cancellation);
        var (train, test) = (options.Classes * options.TrainPerClass, options.Classes * options.TestPerClass);
        Log($"{options.Classes} classes, {train} training and {test} test images in {folder}");
        return ExitCode.Done;
    }
}
