using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Creates the plan of any trained model.</summary>
internal static class ClassifierPlans
{
    /// <summary>Creates the plan; pretrained weights are downloaded if necessary.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="UsageException">An option does not belong to this kind of model.</exception>
    /// <exception cref="RefusalException">The model cannot classify new images; the message says why.</exception>
    public static ClassifierPlan Create(
        TrainedModel model, Artifacts artifacts, ClassifierOptions options, Action<string> log, ProgressBarFactory progress, CancellationToken cancellation)
    {
        if (options.Model is not null && model is not TrainedFile)
        {
            throw new UsageException($"--model names the architecture of a file of weights, and {model.Title} has its own; leave it out.");
        }

        switch (model)
        {
            case TrainedRun run:
                return RunPlans.Create(run, options.Augmentation);
            case TrainedEnsemble ensemble:
                return options.Augmentation.IsOff
                    ? new EnsemblePlans(artifacts, ensemble).Create()
                    : throw new UsageException($"--tta is for runs; the members of {ensemble.Title} have their own test-time augmentation.");
            case TrainedTag tag:
                WeightsPlans.RequireClassifier(tag.Tag);
                var file = InitialWeights.Fetch(tag.Tag, refresh: false, log, progress, cancellation, "name a run or a file of weights with --run instead");
                return WeightsPlans.Create(tag, file.Path, options.Augmentation);
            case TrainedFile weights:
                return WeightsPlans.Create(weights, options.Model, options.Augmentation);
            default:
                throw new ArgumentException($"Expected a kind of trained model that is known, got {model?.GetType().Name}.", nameof(model));
        }
    }
}
