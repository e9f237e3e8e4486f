namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>The result of a learning rate range test.</summary>
public sealed record LearningRateSuggestion
{
    /// <summary>Learning rate at which the loss falls fastest, before its minimum; null if the loss has no clear fall.</summary>
    public double? Rate { get; init; }

    /// <summary>Learning rate at which a tenth of the fall has happened; null without a clear fall.</summary>
    public double? Low { get; init; }

    /// <summary>Learning rate at which nine tenths of the fall have happened; null without a clear fall.</summary>
    public double? High { get; init; }

    /// <summary>Learning rate from which on the loss is clearly above its first level; null if it does not rise.</summary>
    public double? RisesAt { get; init; }
}
