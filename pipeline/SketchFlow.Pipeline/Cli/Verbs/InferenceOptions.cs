using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Options of the verbs that compute logits.</summary>
internal static class InferenceOptions
{
    public static Option<string[]> Augmentation { get; } = new("--tta")
    {
        HelpName = "views",
        Description = "Test-time augmentation; averages the logits of all views: none, "
            + $"or {string.Join(", ", TestTimeAugmentation.Names)}, separated by commas.",
        DefaultValueFactory = _ => [],
    };

    public static Option<bool> Half { get; } = new("--half") { Description = "Half precision: fp16 on a GPU, bf16 on a CPU." };

    public static Option<EngineChoice?> Engine { get; } = new("--engine")
    {
        Description = "Library that computes: torch (libtorch), onnx (ONNX Runtime, on a CPU in float32), or auto for the faster of both, which is measured "
            + "once for a model, a batch size and a CPU.",
    };

    public static Option<string?> BatchSize { get; } = new("--batch-size", "-b", "--batch", "--bs")
    {
        HelpName = "number",
        Description = "Images per batch, or auto for as many as fit into memory; default: the recipe's.",
    };

    /// <summary>Returns the number of images per batch, null for the recipe's, and whether the batch is as large as fits into memory.</summary>
    /// <exception cref="UsageException">The value is neither a number nor auto.</exception>
    public static (int? Size, bool Fits) ReadBatchSize(ParseResult parsed) => ReadBatchSize(parsed, BatchSize);

    /// <summary>Reads another option with the same values as <see cref="BatchSize"/>.</summary>
    /// <inheritdoc cref="ReadBatchSize(ParseResult)"/>
    private static (int? Size, bool Fits) ReadBatchSize(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        null => (null, false),
        "auto" => (null, true),
        var given when int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 => (size, false),
        var given => throw new UsageException($"--batch-size is {given}{Spelling.DidYouMean(given, ["auto"])}, expected auto or a whole number above 0."),
    };

    /// <summary>Returns the value of <c>--amp</c>; null keeps the trained model's own.</summary>
    /// <exception cref="UsageException">The value is none of the known ones.</exception>
    private static AmpMode? ReadAmp(ParseResult parsed) => parsed.GetValue(CommonOptions.Amp) is not { } text ? null
        : !int.TryParse(text, out _) && Enum.TryParse<AmpMode>(text, ignoreCase: true, out var mode) ? mode
        : throw new UsageException($"--amp is {text}{Spelling.DidYouMean(text, ["auto", "off", "bf16", "fp16"])}, expected auto, off, bf16 or fp16.");

    /// <summary>Reads the settings of a trained model that classifies new images.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The option that names a trained model.</param>
    /// <param name="model">The option that names the architecture of a file.</param>
    /// <param name="batchSize">The option with the number of images per batch.</param>
    /// <param name="engine">The library that computes where the user chose none; null leaves it to the kind of the model.</param>
    /// <exception cref="UsageException">A value is out of range, or two options set the precision.</exception>
    public static ClassifierOptions ReadClassifier(
        ParseResult parsed, Option<string?> run, Option<string?> model, Option<string?> batchSize, EngineChoice? engine = null)
    {
        CheckPrecision(parsed);
        var (size, fits) = ReadBatchSize(parsed, batchSize);
        return new ClassifierOptions
        {
            BatchSize = size,
            FitsBatch = fits,
            Device = parsed.GetValue(CommonOptions.Device),
            Amp = ReadAmp(parsed),
            Half = parsed.GetValue(Half),
            Engine = parsed.GetValue(Engine) ?? engine,
            Augmentation = TestTimeAugmentation.Parse(parsed.GetValue(Augmentation)!),
            Model = parsed.GetValue(run) is null ? null : parsed.GetValue(model),
        };
    }

    /// <summary>Refuses two options that set the precision.</summary>
    /// <exception cref="UsageException">Both were given.</exception>
    public static void CheckPrecision(ParseResult parsed)
    {
        if (parsed.GetValue(Half) && parsed.GetValue(CommonOptions.Amp) is not null)
        {
            throw new UsageException("--half and --amp both set the precision; give only one of them.");
        }
    }

    /// <summary>Finds the trained model that an option names; without a name, the newest run.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The option that names a trained model.</param>
    /// <param name="model">The option that names the architecture of a file; without <paramref name="run"/> it names the model.</param>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <exception cref="RefusalException">There is no model of this name, or no run at all.</exception>
    public static TrainedModel FindModel(ParseResult parsed, Option<string?> run, Option<string?> model, Artifacts artifacts, Action<string> log)
    {
        var names = new TrainedModelNames(artifacts, parsed.GetValue(run) is null && parsed.GetValue(model) is not null ? model.Name : run.Name);
        if ((parsed.GetValue(run) ?? parsed.GetValue(model)) is { } name)
        {
            return names.Find(name);
        }

        if (artifacts.AllRuns() is not [var newest, ..])
        {
            throw new RefusalException(
                $"There are no trained runs in {artifacts.Runs}; train one with sketchflow train, or name pretrained weights, such as --run resnet18.a1_in1k.");
        }

        log($"The newest run is {newest.Name}.");
        return new TrainedRun(newest);
    }
}
