using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Export;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Pipeline.Export.Quantization;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>export</c>: writes a trained network as ONNX, with evidence that both give the same logits.</summary>
[Verb(
    "export",
    "Write a trained model as ONNX, for ONNX Runtime and other programs, and prove that it gives the same logits.",
    Order = 165,
    Examples =
    [
        "sketchflow export --run resnet18-doodles-1",
        "sketchflow export --run resnet18.a1_in1k --output resnet18.onnx",
        "sketchflow export --run resnet18-doodles-1 --input floats --output model.onnx",
        "sketchflow export --run resnet18-doodles-1 --int8",
    ])]
public sealed class ExportVerb : Verb
{
    private static readonly string[] _weightExtensions = [".safetensors", ".pth", ".pt", ".bin"];

    private readonly Option<string?> _run = new("--run")
    {
        Description = "A run (all folds, or one: RUN.fold-0), an ensemble, timm's weights (MODEL.TAG) or a file of weights. Default: the newest run.",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Architecture of a file of weights that does not name its own. Without --run: the same as --run.",
    };

    private readonly Option<string?> _output = new("--output") { Description = "The file to write; default: exports/NAME.onnx in the folder of all output." };

    private readonly Option<OnnxInput> _input = new("--input")
    {
        Description = "Images that the model takes: bytes are 8-bit red, green, blue (N, H, W, 3); floats are the same from 0 to 1, (N, 3, H, W). "
            + "Mean and standard deviation are in the model.",
        DefaultValueFactory = _ => OnnxInput.Bytes,
    };

    private readonly Option<bool> _resize = new("--resize")
    {
        Description = "Put the resize into the model: it then takes one decoded image of any size, 8-bit red, green, blue (1, H, W, 3).",
    };

    private readonly Option<int> _opset = new("--opset")
    {
        HelpName = "number",
        Description = $"Version of the ONNX operators, {OnnxNetworkOptions.LowestOpset} to {OnnxNetworkOptions.HighestOpset}.",
        DefaultValueFactory = _ => OnnxNetworkOptions.LowestOpset,
    };

    private readonly Option<bool> _half = new("--half")
    {
        Description = "Store weights in 16 bits: half the file. The model computes in 32 bits, and is refused if the class of a drawing changes.",
    };

    private readonly Option<bool> _int8 = new("--int8")
    {
        Description = "Compute in 8 bits: a quarter of the file, and faster on most CPUs. The ranges are measured on training images of the run, and "
            + "the accuracy on its validation images.",
    };

    private readonly Option<string?> _data = new("--data")
    {
        HelpName = "folder",
        Description = "With --int8: a data set whose training images give the ranges. Default: that of the run.",
    };

    private readonly Option<int> _images = new("--calibration-images")
    {
        HelpName = "number",
        Description = "With --int8: number of images that give the ranges.",
        DefaultValueFactory = _ => new QuantizationOptions().Images,
    };

    private readonly Option<bool> _force = new("--force")
    {
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"With --int8: write the model also where it certainly loses more than {100 * QuantizationOptions.LargestLoss:0.0} points of accuracy."),
    };

    private readonly Option<bool> _embedding = new("--embedding") { Description = "Add the output embedding: the pooled features before the classifier." };

    private readonly Option<bool> _external = new("--external-data")
    {
        Description = "Store the weights in a second file, FILE.data, as it is done above 2 GB anyway.",
    };

    private readonly Option<string> _format = new("--format") { Description = "Format of the file: onnx.", DefaultValueFactory = _ => "onnx" };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _run, _output, _input, _resize, InferenceOptions.Augmentation, _half, _int8, _data, _images, _force, _embedding, _external, _opset, _model,
        _format, CommonOptions.ArtifactsOnly, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        if (!string.Equals(parsed.GetValue(_format), "onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"--format is {parsed.GetValue(_format)}, expected onnx.");
        }

        return RunInterruptible(cancellation => Export(parsed, cancellation), () => "Interrupted; nothing was written.");
    }

    private int Export(ParseResult parsed, CancellationToken cancellation)
    {
        var export = ReadOptions(parsed);
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var trained = InferenceOptions.FindModel(parsed, _run, _model, artifacts, Log);
        var options = new ClassifierOptions
        {
            Model = parsed.GetValue(_run) is null ? null : parsed.GetValue(_model),
            Augmentation = TestTimeAugmentation.Parse(parsed.GetValue(InferenceOptions.Augmentation)!),
        };
        var plan = ClassifierPlans.Create(trained, artifacts, options, Log, Progress.Open, cancellation);
        plan.Notes.ToList().ForEach(Log);
        var name = trained switch
        {
            TrainedRun run => run.Folder.Name,
            TrainedEnsemble ensemble => ensemble.Name,
            _ => parsed.GetValue(_run) ?? parsed.GetValue(_model)!,
        };
        var file = FileOf(parsed, artifacts, name);
        var exported = new OnnxExportJob(plan, export, artifacts, Progress.Open).Run(file, cancellation);
        var certificate = exported.Certificate;
        var networks = plan.Members.SelectMany(m => m.Parts).ToList();
        Log(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {plan.Architectures}{(networks.Count > 1 ? $" ({networks.Count} networks)" : "")}, {exported.Bytes / 1e6:0.0} MB, "
            + $"opset {certificate.Versions["opset"]}, images {string.Join(" and ", exported.Preparations)}"));
        Log(string.Create(
            CultureInfo.InvariantCulture,
            $"checked on {certificate.Images.Length} drawings with ONNX Runtime {certificate.Versions["onnxruntime"]}: largest difference "
            + $"{certificate.LargestDifference:0.0e+0} of logits up to {certificate.LargestLogit:0.0}; "
            + $"the same class for {Percent.Text(certificate.Agreement)}"));
        if (certificate.Resize is { } resize)
        {
            Log($"resized inside: {Percent.Text(resize.DifferingLevels)} of the levels of the drawings differ, by at most {resize.LargestDifference} of 255");
        }

        Print(certificate.Quantization);
        Log($"certificate: {exported.CertificateFile}");
        Log($"scripts: {string.Join(", ", ExportScripts.Names.Except(exported.KeptFiles))} next to the model classify images without SketchFlow");
        foreach (var kept in exported.KeptFiles)
        {
            Log($"not written: {kept}, since there is a file of this name that is not from SketchFlow");
        }

        CommonOptions.PrintJson(parsed, new
        {
            file = exported.File,
            certificate = exported.CertificateFile,
            architecture = plan.Architectures,
            bytes = exported.Bytes,
            sha256 = certificate.ModelSha256,
            largest_logit = certificate.LargestLogit,
            largest_difference = certificate.LargestDifference,
            agreement = certificate.Agreement,
            resize = certificate.Resize is { } pixels
                ? new { differing_levels = pixels.DifferingLevels, largest_difference = pixels.LargestDifference }
                : null,
            quantization = certificate.Quantization is { } quantization ? Describe(quantization) : null,
        });
        return ExitCode.Done;
    }

    private static void Print(QuantizationReport? quantization)
    {
        if (quantization is null)
        {
            return;
        }

        Log($"8 bits: ranges measured on {quantization.CalibrationImages} images; weights per channel in 7 bits, safe on every CPU");
        if (quantization.Accuracy is { } accuracy)
        {
            Log(string.Create(
                CultureInfo.InvariantCulture,
                $"accuracy on {accuracy.Rows} validation images: {Percent.Text(accuracy.Float32)} in float32, {Percent.Text(accuracy.Int8)} in 8 bits; loss "
                + $"{100 * accuracy.Loss.Score:0.00} points (95 % interval {100 * accuracy.Loss.Low:0.00} to {100 * accuracy.Loss.High:0.00})"));
        }

        quantization.Notes.ToList().ForEach(Log);
        var speeds = quantization.Speeds.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"{s.Int8:0.0} images/s against {s.Float32:0.0} in float32 with batches of {s.Batch}"));
        Log($"speed on this CPU (8-bit products: {quantization.CpuInstructions}): {string.Join("; ", speeds)}");
    }

    private static object Describe(QuantizationReport quantization) => new
    {
        calibration_images = quantization.CalibrationImages,
        accuracy_float32 = quantization.Accuracy?.Float32,
        accuracy_int8 = quantization.Accuracy?.Int8,
        loss = quantization.Accuracy?.Loss.Score,
        loss_low = quantization.Accuracy?.Loss.Low,
        loss_high = quantization.Accuracy?.Loss.High,
        cpu_instructions = quantization.CpuInstructions,
        speeds = quantization.Speeds.Select(s => new { batch = s.Batch, float32 = s.Float32, int8 = s.Int8 }),
    };

    private QuantizationOptions? ReadQuantization(ParseResult parsed)
    {
        if (!parsed.GetValue(_int8))
        {
            var option = parsed.GetValue(_data) is not null ? _data.Name : parsed.GetValue(_force) ? _force.Name : null;
            return option is null ? null : throw new UsageException($"{option} is for a model in 8 bits; add --int8.");
        }

        return parsed.GetValue(_half) ? throw new UsageException("--half and --int8 both set the precision; give one of them.")
            : parsed.GetValue(_images) < 1 ? throw new UsageException($"--calibration-images is {parsed.GetValue(_images)}, expected 1 or more.")
            : new QuantizationOptions { Data = parsed.GetValue(_data), Images = parsed.GetValue(_images), Force = parsed.GetValue(_force) };
    }

    private bool ReadResize(ParseResult parsed) => parsed.GetValue(_resize) && parsed.GetValue(_input) != OnnxInput.Bytes
        ? throw new UsageException("A model that resizes images takes them as they are decoded, in bytes; leave --input floats or --resize out.")
        : parsed.GetValue(_resize);

    private ExportOptions ReadOptions(ParseResult parsed) => new()
    {
        Int8 = ReadQuantization(parsed),
        Input = parsed.GetValue(_input),
        Resize = ReadResize(parsed),
        Embedding = parsed.GetValue(_embedding),
        ExternalData = parsed.GetValue(_external),
        Network = new OnnxNetworkOptions
        {
            Opset = OnnxNetworkOptions.CheckOpset(parsed.GetValue(_opset)),
            Weights = parsed.GetValue(_half) ? OnnxWeights.Float16 : OnnxWeights.Float32,
        },
    };

    private string FileOf(ParseResult parsed, Artifacts artifacts, string name)
    {
        if (parsed.GetValue(_output) is { } given)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(given))!;
            return Directory.Exists(folder) ? given : throw new RefusalException($"--output: the folder {folder} does not exist.");
        }

        Directory.CreateDirectory(artifacts.Exports);
        var plain = Path.GetFileName(name[(name.LastIndexOf(':') + 1)..]);
        var extension = _weightExtensions.FirstOrDefault(e => plain.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ?? "";
        var stem = plain[..^extension.Length];
        return Path.Combine(artifacts.Exports, $"{stem}.onnx");
    }
}
