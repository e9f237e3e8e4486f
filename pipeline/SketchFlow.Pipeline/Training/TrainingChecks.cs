using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>Checks of a recipe that need its model or its data set; all of them are made before data flows and before a file changes.</summary>
public static class TrainingChecks
{
    /// <summary>Builds the model of a recipe and checks the keys that depend on it alone.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <exception cref="RefusalException">The model cannot be built, or has too few layer groups for <c>finetune.frozen_groups</c>.</exception>
    public static void CheckModel(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        // The number of classes does not matter here.
        CheckFrozenGroups(recipe, RecipeModel.Build(recipe, classes: 2));
    }

    /// <summary>Checks the keys that depend on the data set.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="data">The images.</param>
    /// <param name="images">Number of training images.</param>
    /// <param name="isResumed">
    /// Whether a run continues: an older version may have started it with more <c>finetune.frozen_groups</c> than the model has, which means all but the
    /// classifier.
    /// </param>
    /// <exception cref="RefusalException">A value does not fit the model or the data; the message states the remedy.</exception>
    public static void Check(Recipe recipe, DataSet data, int images, bool isResumed = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(data);
        var classes = data.Classes.Length;
        if (recipe.Loss.ClassWeights is { } weights && weights.Length != classes)
        {
            throw new RefusalException(
                $"loss.class_weights has {weights.Length} weights, expected {classes}: one per class, in the order of the data set's classes.");
        }

        var architecture = RecipeModel.Build(recipe, classes);
        if (!isResumed)
        {
            CheckFrozenGroups(recipe, architecture);
        }

        CheckSizes(recipe, architecture);
        CheckBatchNorms(recipe, architecture, images);
    }

    /// <summary>Checks that a model can learn something from the images, and be measured on others.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="data">The images.</param>
    /// <param name="train">Rows to train on.</param>
    /// <param name="validation">Rows to validate on.</param>
    /// <exception cref="RefusalException">There are images of one class only, or none is left for validation.</exception>
    public static void CheckImages(Recipe recipe, DataSet data, IReadOnlyList<Sample> train, IReadOnlyList<Sample> validation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(data);
        int[] classes = [.. train.Where(s => s.Fault is null).Select(s => s.Target).OfType<int>().Distinct()];
        if (data.Classes.Length < 2 || classes.Length < 2)
        {
            var first = train is [var row, ..] ? row.Fault : "there is none";
            throw new RefusalException(
                classes.Length == 0
                    ? $"{data.Name} has no training image that can be used (the first: {first}); correct the data set."
                    : $"{data.Name} has training images of one class only, {data.Classes[classes[0]]}, so that there is nothing to tell apart; "
                        + "add images of another class.");
        }

        if (validation.Count == 0 && (recipe.Data.Validation > 0 || recipe.Data.Folds > 0))
        {
            throw new RefusalException(
                $"No image of {data.Name} is left for validation, since each of its {classes.Length} classes has one image that can be used, or one group of "
                + "images; add images, or set data.validation=0 to train on all of them without a measurement.");
        }
    }

    /// <summary>Checks that every batch norm sees more than one value per channel, as PyTorch requires.</summary>
    /// <param name="architecture">The network at the image size of the batches.</param>
    /// <param name="batchSize">Number of images per batch.</param>
    /// <param name="accumulation">Number of parts into which a batch is split.</param>
    /// <param name="frozenBelow">First layer group that learns.</param>
    /// <exception cref="RefusalException">A batch norm would see a single value per channel.</exception>
    public static void CheckBatchNorms(Architecture architecture, int batchSize, int accumulation, int frozenBelow = 0)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (BatchNormMap.FindSmallest(architecture, frozenBelow) is { } smallest && !smallest.Allows(batchSize, accumulation))
        {
            var part = accumulation > 1 ? $"the smallest of the {Math.Min(accumulation, batchSize)} parts of a batch of {batchSize} has" : "a batch has";
            throw new RefusalException(
                $"Expected more than 1 value per channel when training: {part} 1 image, and the map of {smallest.Layer} in {architecture.Name} is 1 × 1 at "
                + $"{architecture.InputSize} px, so that its batch norm has no variance. Use a larger batch_size or image_size{(accumulation > 1
                    ? ", or a smaller accumulation" : "")}.");
        }
    }

    private static void CheckFrozenGroups(Recipe recipe, Architecture architecture)
    {
        var groups = Learner.Groups(architecture);
        if (recipe.Finetune.FrozenGroups >= groups)
        {
            throw new RefusalException(
                $"finetune.frozen_groups is {recipe.Finetune.FrozenGroups}, expected 0 to {groups - 1}: {architecture.Name} has {groups} layer groups, and the "
                + "last one, the classifier, always learns.");
        }
    }

    // The tensors of the network must not depend on the image size if the recipe changes it between epochs.
    private static void CheckSizes(Recipe recipe, Architecture architecture)
    {
        foreach (var stage in recipe.Sizes)
        {
            var other = RecipeModel.Build(recipe with { ImageSize = stage.Size }, architecture.Options.Classes);
            if (!other.Tensors.Select(t => t.ToString()).SequenceEqual(architecture.Tensors.Select(t => t.ToString()), StringComparer.Ordinal))
            {
                throw new RefusalException(
                    $"sizes contains {stage.Size} px, but the tensors of {architecture.Name} depend on the image size ({architecture.InputSize} px); "
                    + "train a convolutional network, or remove sizes.");
            }
        }
    }

    private static void CheckBatchNorms(Recipe recipe, Architecture architecture, int images)
    {
        // An incomplete last batch is dropped unless it is the only one.
        var batch = Math.Min(recipe.BatchSize, images);
        var groups = Learner.Groups(architecture);
        int[] starts = [.. recipe.Sizes.Select(s => s.FromEpoch).Append(0).Where(e => e < recipe.Epochs).Distinct().Order()];
        foreach (var (start, i) in starts.Select((s, i) => (s, i)))
        {
            // Groups are unfrozen over the epochs of a stage: its last epoch has the fewest frozen ones.
            var last = i + 1 < starts.Length ? starts[i + 1] - 1 : recipe.Epochs - 1;
            var stage = recipe.Sizes.LastOrDefault(s => s.FromEpoch <= start) is { } size
                ? RecipeModel.Build(recipe with { ImageSize = size.Size }, architecture.Options.Classes)
                : architecture;
            CheckBatchNorms(stage, batch, recipe.Accumulation, recipe.Finetune.FrozenBelow(last, groups));
        }
    }
}
