namespace SketchFlow.Pipeline.Recipes;

/// <summary>The images and how they are split.</summary>
public sealed record DataRecipe
{
    /// <summary>Folder of the data set; null is the built-in doodles.</summary>
    public string? Path { get; init; }

    /// <summary>Share of each class held out for validation, where the data set has no split of its own.</summary>
    public double Validation { get; init; } = 0.2;

    /// <summary>Stratified folds of the training images instead of one split: each image is validated on in one fold and learnt from in the others; 0 is none.</summary>
    public int Folds { get; init; }

    /// <summary>The fold that this run validates on, from 0; null trains all, one after the other.</summary>
    public int? Fold { get; init; }

    /// <summary>Seeds the split or the folds; null is the run's seed. Give one to runs of several seeds that are to be compared or averaged.</summary>
    public long? SplitSeed { get; init; }

    /// <summary>Largest image decoded.</summary>
    public double MaxMegapixels { get; init; } = 64;

    /// <summary>Decode training JPEGs at 1/2, 1/4 or 1/8 where that is still larger than the target. Prediction is always exact.</summary>
    public bool ReducedDecoding { get; init; } = true;

    /// <summary>
    /// Mebibytes of decoded, resized images that training keeps in memory from one epoch to the next; null is a quarter of what the process may use,
    /// 0 decodes every image each time. Changes nothing of what is computed.
    /// </summary>
    public double? CacheMegabytes { get; init; }
}
