using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training.Planning;

/// <summary>The steps of a training and the time that they would take.</summary>
public sealed record TrainingPlan
{
    /// <summary>The fully resolved recipe; of a cross-validation that of its first fold.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The images.</summary>
    public required DataSet Data { get; init; }

    /// <summary>The folder of the run, which does not exist yet.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>Sentences that say which recipe was chosen and why.</summary>
    public required ImmutableArray<string> Choice { get; init; }

    /// <summary>The settings that the user gave.</summary>
    public required ImmutableArray<string> Changes { get; init; }

    /// <summary>Sentences about the split.</summary>
    public required ImmutableArray<string> SplitNotes { get; init; }

    /// <summary>Description of the weights that are loaded and of those that are new.</summary>
    public required string Weights { get; init; }

    /// <summary>Network, device and precision.</summary>
    public required string Model { get; init; }

    /// <summary>Number of training images.</summary>
    public required int Train { get; init; }

    /// <summary>Number of validation images.</summary>
    public required int Validation { get; init; }

    /// <summary>Number of trainable scalars.</summary>
    public required long Parameters { get; init; }

    /// <summary>The steps and their learning rates.</summary>
    public required TrainingSchedule Schedule { get; init; }

    /// <summary>The memory of a step.</summary>
    public required MemoryEstimate Memory { get; init; }

    /// <summary>The timed steps; null if no image could be used.</summary>
    public required StepTiming? Timing { get; init; }

    /// <summary>Number of trainings: that of the folds.</summary>
    public required int Trainings { get; init; }

    /// <summary>Number of epochs of each training.</summary>
    public required int Epochs { get; init; }

    /// <summary>Number of images at the end of an epoch that fill no batch and are dropped.</summary>
    public int Dropped => Train > Recipe.BatchSize ? Train % Recipe.BatchSize : 0;

    /// <summary>Estimated seconds of one epoch's training; null if nothing could be timed.</summary>
    public double? TrainSeconds => Timing is { } timing ? timing.SecondsPerImage * Schedule.StepsPerEpoch * Math.Min(Recipe.BatchSize, Train) : null;

    /// <summary>Estimated seconds of one epoch's validation; null if nothing could be timed.</summary>
    public double? ValidationSeconds => Timing is { } timing
        ? RemainingTime.Of(Recipe, Train, Validation).ValidationSeconds(timing.SecondsPerImage)
        : null;

    /// <summary>Estimated duration of the whole training; null if nothing could be timed.</summary>
    public TimeSpan? Duration => TrainSeconds + ValidationSeconds is { } epoch ? TimeSpan.FromSeconds(epoch * Epochs * Trainings) : null;
}
