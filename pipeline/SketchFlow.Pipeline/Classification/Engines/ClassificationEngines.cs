using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>Opens the engine of any trained model.</summary>
internal static class ClassificationEngines
{
    /// <summary>Loads a trained model; pretrained weights are downloaded if necessary.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="UsageException">An option does not belong to this kind of model.</exception>
    /// <exception cref="RefusalException">The model cannot classify new images; the message says why.</exception>
    public static IClassificationEngine Open(
        TrainedModel model,
        Artifacts artifacts,
        ClassifierOptions options,
        Action<string> log,
        ProgressBarFactory progress,
        CancellationToken cancellation = default)
    {
        if (model is TrainedFile file && OnnxEngine.Takes(file))
        {
            return new OnnxEngine(file, options);
        }

        var float32 = !options.Half && options.Amp is null or AmpMode.Off;
        if (options.Engine == EngineChoice.Onnx && !float32)
        {
            throw new UsageException("--engine onnx computes in float32; leave out --half and --amp.");
        }

        var plan = ClassifierPlans.Create(model, artifacts, options, log, progress, cancellation);
        var device = DeviceChoice.Resolve(options.Device ?? plan.Members[0].Parts[0].Recipe.Device);
        return options.Engine switch
        {
            EngineChoice.Onnx when device.IsCuda && options.Device is not null and not "auto" =>
                throw new RefusalException("--engine onnx computes on the CPU; add --device cpu, or use --engine torch."),
            EngineChoice.Onnx => new ExportedEngine(plan, options),
            EngineChoice.Auto when float32 && !device.IsCuda => OpenFaster(plan, artifacts, options, log),
            _ => new TorchEngine(plan, options),
        };
    }

    private static IClassificationEngine OpenFaster(ClassifierPlan plan, Artifacts artifacts, ClassifierOptions options, Action<string> log)
    {
        var torch = new TorchEngine(plan, options);
        ExportedEngine? onnx = null;
        IClassificationEngine? chosen = null;
        try
        {
            var batch = options.MeasuredBatch ?? torch.BatchSize;
            var file = EngineRates.FileOf(artifacts, plan, batch);
            var kept = EngineRates.Read(file);
            var rates = kept ?? EngineRates.Measure(torch, onnx = new ExportedEngine(plan, options), batch);
            if (kept is null)
            {
                rates.Write(file);
            }

            log(string.Create(
                CultureInfo.InvariantCulture,
                $"engine: {(rates.PrefersOnnx ? "ONNX Runtime" : "libtorch")}; images/s with batches of {batch}: {rates.Onnx:0.0} with ONNX Runtime, "
                + $"{rates.Torch:0.0} with libtorch ({(kept is null ? "measured now" : "measured before")}, {file})"));
            return chosen = rates.PrefersOnnx ? onnx ??= new ExportedEngine(plan, options) : torch;
        }
        finally
        {
            foreach (var other in new IClassificationEngine?[] { torch, onnx }.Where(engine => engine != chosen))
            {
                other?.Dispose();
            }
        }
    }
}
