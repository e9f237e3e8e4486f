using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>Estimates how long a training will still take, from the rates that were measured so far.</summary>
/// <param name="Train">Number of training images.</param>
/// <param name="Validation">Number of validation images, once for each set of weights that is validated.</param>
public sealed record RemainingTime(int Train, int Validation)
{
    /// <summary>An image takes about three times as long to train on as to predict: the backward pass takes twice as long as the forward pass.</summary>
    public const double TrainingCost = 3;

    /// <summary>Returns the estimator of a training; averaged weights are validated as well.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="train">Number of training images.</param>
    /// <param name="validation">Number of validation images.</param>
    public static RemainingTime Of(Recipe recipe, int train, int validation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new RemainingTime(train, validation * (recipe.Ema.IsOn ? 2 : 1));
    }

    /// <summary>Estimates the seconds of one epoch with its validation.</summary>
    /// <param name="secondsPerImage">Seconds per training image.</param>
    public double EpochSeconds(double secondsPerImage) => secondsPerImage * (Train + (Validation / TrainingCost));

    /// <summary>Estimates the seconds of one validation.</summary>
    /// <inheritdoc cref="EpochSeconds"/>
    public double ValidationSeconds(double secondsPerImage) => secondsPerImage * Validation / TrainingCost;

    /// <summary>Estimates the rest of a training within an epoch.</summary>
    /// <param name="secondsPerImage">Seconds per training image in this epoch.</param>
    /// <param name="images">Number of training images of this epoch that are left.</param>
    /// <param name="epochs">Number of epochs after this one.</param>
    /// <param name="lastEpoch">Seconds of the epoch before, validation included; null if there is none.</param>
    public TimeSpan Estimate(double secondsPerImage, int images, int epochs, double? lastEpoch)
    {
        var perEpoch = lastEpoch ?? EpochSeconds(secondsPerImage);
        return TimeSpan.FromSeconds((secondsPerImage * images) + ValidationSeconds(secondsPerImage) + (epochs * perEpoch));
    }
}
