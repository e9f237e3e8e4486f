using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>The verb <c>classify</c>: names the classes of new images.</summary>
[Verb(
    "classify",
    "Name the classes of new images, with probabilities: a run, an ensemble, pretrained weights or a file of weights.",
    Order = 15,
    Examples =
    [
        "sketchflow classify cat.png --run resnet18-my-data-1", "sketchflow classify my-photos/ --top 3 --csv",
        "sketchflow classify cat.png --run resnet18.a1_in1k",
    ])]
public sealed class ClassifyVerb : Verb
{
    private const int MostBytes = 512 << 20;

    private readonly Argument<string[]> _images = new("images")
    {
        Description = "Image files, folders with all their subfolders, or - for one path per line on standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _run = new("--run")
    {
        Description = "A run (or a fold, RUN.fold-0), a saved ensemble, timm's weights (MODEL.TAG) or a file of weights; run:NAME, ensemble:NAME, timm/NAME "
            + "and ./FILE name one kind alone. Default: the newest run.",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Architecture (or MODEL.TAG, with timm's preprocessing) of a file of weights that does not name its own. Without --run: the same "
            + "as --run.",
    };

    private readonly Option<int> _top = new("--top") { Description = "Number of classes per image.", DefaultValueFactory = _ => new ClassifierOptions().Top };

    private readonly Option<bool> _csv = new("--csv")
    {
        Description = $"Print CSV with the columns {string.Join(", ", CsvRowsWriter.Columns)}: one row per image and class, or one with an error.",
    };

    private readonly Option<bool> _jsonLines = new("--jsonl", "--json")
    {
        Description = "Print one JSON object per image: file, and top (class, index, probability) or error.",
    };

    private readonly Option<bool> _stdinImage = new("--stdin-image") { Description = "Read one image from standard input." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _images, _run, _model, _top, _csv, _jsonLines, _stdinImage, InferenceOptions.Augmentation, InferenceOptions.Engine,
        InferenceOptions.Half, InferenceOptions.BatchSize, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Artifacts,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var options = ReadOptions(parsed);
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var inputs = new ImageInputs(parsed.GetValue(_images)!, Console.OpenStandardInput);
        CheckInputs(parsed, inputs, artifacts);
        var counts = new Counts();
        using var interruption = new Interruption();
        try
        {
            inputs.Notes.ToList().ForEach(Warn);
            var model = InferenceOptions.FindModel(parsed, _run, _model, artifacts, Warn);
            using var classifier = Classifier.Open(model, artifacts, options, Warn, Progress.Open, interruption.Token);
            classifier.Notes.ToList().ForEach(Warn);
            Classify(parsed, classifier, inputs, counts, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            Warn($"Interrupted: {counts}.");
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (ResultOutput.IsClosed(e))
        {
            return ExitCode.Done; // The reader of the pipe, such as head, has ended.
        }

        if (counts.Done + counts.Rejected == 0)
        {
            Warn("There were no paths on standard input.");
        }
        else if (counts.Done + counts.Rejected > 1)
        {
            Warn($"{counts}.");
        }

        return counts.Rejected > 0 ? ExitCode.Rejections : ExitCode.Done;
    }

    private ClassifierOptions ReadOptions(ParseResult parsed)
    {
        if (parsed.GetValue(_csv) && parsed.GetValue(_jsonLines))
        {
            throw new UsageException("--csv and --jsonl are two formats; give only one of them.");
        }

        if (parsed.GetValue(_top) < 1)
        {
            throw new UsageException($"--top is {parsed.GetValue(_top)}, expected 1 or more classes.");
        }

        return InferenceOptions.ReadClassifier(parsed, _run, _model, InferenceOptions.BatchSize) with { Top = parsed.GetValue(_top) };
    }

    private void CheckInputs(ParseResult parsed, ImageInputs inputs, Artifacts artifacts)
    {
        var given = parsed.GetValue(_images)!;
        if (parsed.GetValue(_stdinImage))
        {
            _ = given.Length == 0 ? 0 : throw new UsageException("--stdin-image reads the one image from standard input; name no other images.");
        }
        else if (given.Length == 0)
        {
            throw new UsageException(
                "No images given. Name files or folders, or - for one path per line on standard input: sketchflow classify --run NAME FILE…");
        }
        else if (parsed.GetValue(_run) is null && given.FirstOrDefault(g => new TrainedModelNames(artifacts).Exists(g)) is { } model)
        {
            throw new UsageException($"{model} is a trained model, not an image; write --run {model}.");
        }
        else
        {
            inputs.Check();
        }
    }

    private void Classify(ParseResult parsed, Classifier classifier, ImageInputs inputs, Counts counts, CancellationToken cancellation)
    {
        var images = parsed.GetValue(_stdinImage) ? [ReadStandardInput()] : inputs.Read(cancellation);
        var count = parsed.GetValue(_stdinImage) ? 1 : inputs.Count;
        using var output = ResultOutput.Open();
        var writer = ChooseWriter(parsed, output, count, count is null or 1 ? 0 : inputs.LongestName);
        // On a terminal the lines of the answers are the progress.
        var isBar = count is > 1 && (Console.IsOutputRedirected || Console.IsErrorRedirected);
        using var bar = isBar ? Progress.Open(classifier.Title, count!.Value, "images") : NoProgress.Factory("", 0, "");
        var watch = Stopwatch.StartNew();
        foreach (var image in classifier.Classify(images, cancellation))
        {
            writer.Write(image);
            if (image.Error is { } error)
            {
                counts.Rejected++;
                Warn($"rejected {PrintableText.Line(image.Name, 1000)}: {error}");
            }
            else
            {
                counts.Done++;
            }

            bar.Report(counts.Done + counts.Rejected);
            counts.Elapsed = watch.Elapsed;
        }
    }

    private IClassificationWriter ChooseWriter(ParseResult parsed, TextWriter output, long? count, int longestName) =>
        parsed.GetValue(_csv) ? new CsvRowsWriter(output)
        : parsed.GetValue(_jsonLines) ? new JsonLinesWriter(output)
        : count == 1 ? new TableWriter(output)
        : new LineWriter(output, Console.IsOutputRedirected ? null : new TerminalOutput(Console.Out, redirected: false).Width, longestName,
            writesAll: parsed.GetResult(_top) is { Implicit: false });

    private static ImageInput ReadStandardInput()
    {
        using var input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (input.Read(buffer) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MostBytes)
            {
                throw new RefusalException($"Standard input has more than {MostBytes} bytes, expected one image.");
            }
        }

        return new ImageInput("standard input") { Bytes = bytes.ToArray() };
    }

    private sealed class Counts
    {
        private const int FewestForRate = 100;

        public long Done { get; set; }

        public long Rejected { get; set; }

        public TimeSpan Elapsed { get; set; }

        public override string ToString()
        {
            var rate = Done >= FewestForRate ? string.Create(CultureInfo.InvariantCulture, $" ({Done / Elapsed.TotalSeconds:0} images/s)") : "";
            return $"{Plural.Of(Done, "image")} classified{(Rejected > 0 ? $", {Rejected} rejected" : "")}{rate}";
        }
    }
}
