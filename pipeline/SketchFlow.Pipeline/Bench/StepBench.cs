using System.Collections.Immutable;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Bench;

/// <summary>
/// Compares the time of a model's step with that of the libtorch operations in it: each different convolution, matrix product and attention is
/// measured alone, with the shapes, type and memory format of the model, and multiplied by the number of its calls.
/// </summary>
/// <param name="recipe">Architecture, image size, batch size, loss and optimiser.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="device">Device of the tensors.</param>
/// <param name="precision">Precision of matrix products and convolutions.</param>
public sealed class StepBench(Recipe recipe, int classes, ComputeDevice device, ComputePrecision precision)
{
    private const int Steps = 2;

    // Fraction of the measuring time of a step that each operation gets: there are dozens of operations.
    private const double OperationFraction = 0.1;

    private readonly Architecture _architecture = RecipeModel.Build(recipe, classes);

    /// <summary>
    /// Lists the different operations of a forward pass with <paramref name="images"/> images, the number of calls of each, and whether its input
    /// needs a gradient.
    /// </summary>
    public static ImmutableArray<(TracedOperation Operation, LayerKind Layer, bool InputLearns, int Count, long MultiplyAdds)> Operations(
        Architecture architecture, int images)
    {
        // The input of the first operation is the image, which needs no gradient.
        return
        [
            .. OperationTrace.Record(architecture, images)
                .Select((l, i) => (l.Operation, Layer: l.Layer.Kind, InputLearns: i > 0, l.Layer.MultiplyAdds))
                .GroupBy(l => (l.Operation, l.Layer, l.InputLearns))
                .Select(g => (g.Key.Operation, g.Key.Layer, g.Key.InputLearns, g.Count(), g.First().MultiplyAdds)),
        ];
    }

    /// <summary>Runs the measurements. Steps are measured before and after the operations, so that other load on the machine affects both.</summary>
    /// <param name="seconds">Lowest measuring time for each kind of step, before and after, in seconds; a tenth of it for each operation.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="OperationCanceledException">The measurement was cancelled.</exception>
    public StepResult Run(double seconds, CancellationToken cancellation)
    {
        using var images = IsolatedStep.Noise(_architecture, recipe.BatchSize, device);
        var (infer, train) = (Infer(images, seconds, cancellation), Train(images, seconds, cancellation));
        var operations = Operations(_architecture, recipe.BatchSize).Select(o =>
        {
            using var benchmark = new OperationBenchmark(o.Operation, device, precision, o.InputLearns);
            return new OperationTime(
                o.Operation, o.Layer, o.Count, o.MultiplyAdds,
                Timing.Median(Timing.Measure(benchmark.RunForward, Steps + 1, OperationFraction * seconds, cancellation)),
                Timing.Median(Timing.Measure(benchmark.RunForwardAndBackward, Steps + 1, OperationFraction * seconds, cancellation)));
        }).OrderByDescending(o => o.Count * o.TrainSeconds).ToImmutableArray();
        infer.AddRange(Infer(images, seconds, cancellation));
        train.AddRange(Train(images, seconds, cancellation));
        return new StepResult
        {
            InputSize = _architecture.InputSize,
            Batch = recipe.BatchSize,
            Infer = Shares(Timing.Median(infer), o => o.InferSeconds),
            Train = Shares(Timing.Median(train), o => o.TrainSeconds),
            Operations = operations,
        };

        StepShares Shares(double step, Func<OperationTime, double> time)
        {
            double Sum(LayerKind kind) => operations.Where(o => o.Layer == kind).Sum(o => o.Count * time(o));
            return new StepShares(step, Sum(LayerKind.Convolution), Sum(LayerKind.Linear), Sum(LayerKind.Attention));
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
        using var learner = IsolatedStep.CreateLearner(recipe, _architecture, device, channelsLast: true, precision);
        return Timing.Measure(() => IsolatedStep.Train(learner, images, recipe), Steps, seconds, cancellation);
    }
}
