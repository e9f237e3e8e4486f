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
    /// <inheritdoc cref="Classifier.Open"/>
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
        var sized = options.FitsBatch ? options with { FitsBatch = false, BatchSize = FindBatchSize(plan, options) } : options;
        var batch = sized.MeasuredBatch ?? sized.BatchSize ?? plan.BatchSize;
        return new FasterEngine(() => new TorchEngine(plan, sized), () => new ExportedEngine(plan, sized))
            .Open(EngineRates.FileOf(artifacts, plan, batch), batch, log);
    }

    // The only batch size that is unknown without the networks in memory.
    private static int FindBatchSize(ClassifierPlan plan, ClassifierOptions options)
    {
        using var networks = new TorchEngine(plan, options);
        return networks.BatchSize;
    }
}
