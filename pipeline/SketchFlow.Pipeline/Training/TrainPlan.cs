using System.Collections.Immutable;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>What a training would do, before it does: its steps and their learning rates.</summary>
/// <param name="Images">Training images.</param>
/// <param name="StepsPerEpoch">Steps in an epoch; a last batch that is not full is left out where there is a full one.</param>
/// <param name="Rates">The learning rate of every step; a plateau's as if validation always became better.</param>
public sealed record TrainPlan(int Images, long StepsPerEpoch, ImmutableArray<double> Rates)
{
    /// <summary>The plan of a recipe over so many training images.</summary>
    public static TrainPlan For(Recipe recipe, int images)
    {
        var perEpoch = Math.Max(1, images / recipe.BatchSize);
        return new TrainPlan(images, perEpoch, [.. Enumerable.Range(0, perEpoch * recipe.Epochs)
            .Select(step => recipe.Optimizer.LearningRate * recipe.Schedule.Factor(step, perEpoch, recipe.Epochs))]);
    }

    /// <summary>The plan in lines, for people.</summary>
    public IEnumerable<string> Lines(Recipe recipe)
    {
        var parts = recipe.Accumulation == 1 ? "" : $", each in {recipe.Accumulation} parts";
        yield return $"steps: {recipe.Epochs} epochs of {StepsPerEpoch} steps of {recipe.BatchSize} images{parts}: {Rates.Length} in all";
        var best = Rates.Max();
        yield return $"schedule: {recipe.Schedule.Kind}, from {Rates[0]:0.0###e0} over {best:0.0###e0} at epoch {Rates.IndexOf(best) / (double)StepsPerEpoch:0.##} to {Rates[^1]:0.0###e0}";
        yield return $"optimiser: {recipe.Optimizer.Kind}, weight decay {recipe.Optimizer.WeightDecay}, layer decay {recipe.Optimizer.LayerDecay}, clipping {recipe.Optimizer.Clip}";
        yield return $"loss: {recipe.Loss.Kind}, label smoothing {recipe.Loss.LabelSmoothing}; mixing {(recipe.Mixing.IsOn ? $"Mixup {recipe.Mixing.Mixup}, CutMix {recipe.Mixing.Cutmix}, off for the last {recipe.Mixing.OffEpochs} epochs" : "off")}; "
            + $"average {(recipe.Ema.IsOn ? $"with decay {recipe.Ema.Decay}" : "off")}";
    }
}
