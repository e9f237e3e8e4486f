using System.Collections.Immutable;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>The steps of a training run and their learning rates, known before it starts.</summary>
/// <param name="Images">Number of training images.</param>
/// <param name="StepsPerEpoch">Number of steps per epoch; an incomplete last batch is dropped if there is a complete one.</param>
/// <param name="Rates">Learning rate of every step; for a plateau schedule, as if validation improved in every epoch.</param>
public sealed record TrainingSchedule(int Images, long StepsPerEpoch, ImmutableArray<double> Rates)
{
    /// <summary>Computes the schedule of a recipe for a number of training images.</summary>
    public static TrainingSchedule Compute(Recipe recipe, int images)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var perEpoch = Math.Max(1, images / recipe.BatchSize);
        return new TrainingSchedule(images, perEpoch, [.. Enumerable.Range(0, perEpoch * recipe.Epochs)
            .Select(step => recipe.Optimizer.LearningRate * recipe.Schedule.Factor(step, perEpoch, recipe.Epochs))]);
    }

    /// <summary>Describes the schedule, the optimizer and the loss in human-readable lines.</summary>
    public IEnumerable<string> Describe(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var parts = recipe.Accumulation == 1 ? "" : $", each in {recipe.Accumulation} parts";
        yield return $"steps: {recipe.Epochs} epochs of {StepsPerEpoch} steps of {recipe.BatchSize} images{parts}; {Rates.Length} in total";
        yield return $"schedule: {recipe.Schedule.Name}, {DescribeRates()}";
        if (recipe.Schedule.FindProblem(recipe.Epochs) is { } problem)
        {
            yield return $"Warning: {problem}";
        }

        var optimizer = recipe.Optimizer;
        yield return $"optimizer: {optimizer.Name}, weight decay {optimizer.WeightDecay}, layer decay {optimizer.LayerDecay}, {Clipping(optimizer)}";
        yield return $"loss: {recipe.Loss.Name}, label smoothing {recipe.Loss.LabelSmoothing}";
        yield return recipe.Mixing.IsOn
            ? $"mixing: Mixup {recipe.Mixing.Mixup}, CutMix {recipe.Mixing.Cutmix}, off for the last {recipe.Mixing.OffEpochs} epochs"
            : "Mixup and CutMix: off";
        yield return recipe.Ema.IsOn ? $"EMA: decay {recipe.Ema.Decay}" : "EMA: off";
    }

    private string DescribeRates()
    {
        var (peak, last) = (Rates.Max(), Rates[^1]);
        var rise = peak > Rates[0] ? $" up to {peak:0.0###e0} (epoch {EpochOf(peak)})," : "";
        var reached = Rates.IndexOf(last) == Rates.Length - 1 ? "" : $" (epoch {EpochOf(last)})";
        return last < peak ? $"{Rates[0]:0.0###e0}{rise} down to {last:0.0###e0}{reached}"
            : rise.Length > 0 ? $"{Rates[0]:0.0###e0}{rise.TrimEnd(',')}"
            : $"{peak:0.0###e0} in every step";

        string EpochOf(double rate) => $"{Rates.IndexOf(rate) / (double)StepsPerEpoch:0.##}";
    }

    private static string Clipping(Optimizer optimizer) => optimizer.Clip switch
    {
        ClipMode.Norm when optimizer.ClipNorm > 0 => $"clip norm {optimizer.ClipNorm}",
        ClipMode.Value => $"clip value {optimizer.ClipValue}",
        ClipMode.Agc => $"adaptive clipping {optimizer.AgcFactor}",
        _ => "no clipping",
    };
}
