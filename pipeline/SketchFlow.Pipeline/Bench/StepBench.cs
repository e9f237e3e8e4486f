using System.Collections.Immutable;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Bench;

/// <summary>
/// A model's step beside what the bare libtorch operations in it need: each different convolution, matrix product and attention is
/// timed alone, in the shapes, type and memory format of the model, and counted as often as the model makes it.
/// </summary>
/// <param name="recipe">Architecture, size, batch, loss, optimiser.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="precision">What products are computed in.</param>
public sealed class StepBench(Recipe recipe, int classes, ComputeDevice device, ComputePrecision precision)
{
    private const int Steps = 2;

    // An operation's share of the seconds that the steps have: there are dozens of them.
    private const double OperationPart = 0.1;

    private readonly Architecture _architecture = RecipeModel.Build(recipe, classes);

    /// <summary>The operations of one pass over <paramref name="images"/> images: each different one, how often it is made, and whether its input needs a gradient.</summary>
    public static ImmutableArray<(TracedOperation Operation, LayerKind Layer, bool InputLearns, int Count, long MultiplyAdds)> Operations(Architecture architecture, int images)
    {
        var layers = FlopCounter.Count(architecture, images).Layers.Where(l => l.Operation is not null).ToList();

        // The first one sees the images, which are not learned.
        return
        [
            .. layers.Select((l, i) => (Operation: l.Operation!, Layer: l.Kind, InputLearns: i > 0, l.MultiplyAdds))
                .GroupBy(l => (l.Operation, l.Layer, l.InputLearns))
                .Select(g => (g.Key.Operation, g.Key.Layer, g.Key.InputLearns, g.Count(), g.First().MultiplyAdds)),
        ];
    }

    /// <summary>Measures: the steps before and after the operations, so that a noisy neighbour meets both.</summary>
    /// <param name="seconds">Seconds at least for the steps of each kind, each time; a tenth of it for each operation.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public StepResult Run(double seconds, CancellationToken cancellation)
    {
        using var images = BareStep.Noise(_architecture, recipe.BatchSize, device);
        var (infer, train) = (Infer(images, seconds, cancellation), Train(images, seconds, cancellation));
        var operations = Operations(_architecture, recipe.BatchSize).Select(o =>
        {
            using var alone = new OperationBenchmark(o.Operation, device, precision, o.InputLearns);
            return new OperationTime(
                o.Operation, o.Layer, o.Count, o.MultiplyAdds,
                LoaderBench.Median(Timing.Measure(alone.Infer, Steps + 1, OperationPart * seconds, cancellation)),
                LoaderBench.Median(Timing.Measure(alone.Learn, Steps + 1, OperationPart * seconds, cancellation)));
        }).OrderByDescending(o => o.Count * o.TrainSeconds).ToImmutableArray();
        infer.AddRange(Infer(images, seconds, cancellation));
        train.AddRange(Train(images, seconds, cancellation));
        return new StepResult
        {
            InputSize = _architecture.InputSize,
            Batch = recipe.BatchSize,
            Infer = Shares(LoaderBench.Median(infer), o => o.InferSeconds),
            Train = Shares(LoaderBench.Median(train), o => o.TrainSeconds),
            Operations = operations,
        };

        StepShares Shares(double step, Func<OperationTime, double> time)
        {
            double Of(LayerKind kind) => operations.Where(o => o.Layer == kind).Sum(o => o.Count * time(o));
            return new StepShares(step, Of(LayerKind.Convolution), Of(LayerKind.Linear), Of(LayerKind.Attention));
        }
    }

    private List<double> Infer(DeviceBatch images, double seconds, CancellationToken cancellation)
    {
        using var weights = ModelWeights.Fresh(_architecture, recipe.Seed);
        using var model = FlatModel.Create(_architecture, weights, device, channelsLast: true, learns: false);
        var inference = new InferenceStep(model, _architecture.Preprocessing, precision);
        return Timing.Measure(() => inference.Logits(images), Steps, seconds, cancellation);
    }

    private List<double> Train(DeviceBatch images, double seconds, CancellationToken cancellation)
    {
        using var learner = BareStep.Learner(recipe, _architecture, device, channelsLast: true, precision);
        return Timing.Measure(() => BareStep.Train(learner, images, recipe), Steps, seconds, cancellation);
    }
}
