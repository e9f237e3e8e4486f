using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Pipeline.Recipes.Grouping;

namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Data set and its split.</summary>
public sealed record DataRecipe
{
    /// <summary>Folder of the data set; null is the built-in doodles.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Encoding of train.csv and test.csv if they are not UTF-8, such as <c>windows-1252</c>, <c>cp949</c> or <c>shift_jis</c>; null is UTF-8. Tables are never
    /// read in a guessed encoding.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>Column of a competition's tables that names the image of a row; null finds it by its name and content.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>Column of a competition's training table that names the class of a row; null finds it by its name and content.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>
    /// Share of each class held out for validation, on average, for a data set without a split of its own. 0 trains on all labelled images, also those of an
    /// own validation split, and measures nothing.
    /// </summary>
    public double Validation { get; init; } = 0.2;

    /// <summary>
    /// Number of folds of the training images in place of one split: each image is validated on in one fold and trained on in the others; 0 is none.
    /// </summary>
    public int Folds { get; init; }

    /// <summary>Fold that this run validates on, from 0; null trains all folds, one after the other.</summary>
    public int? Fold { get; init; }

    /// <summary>
    /// Random seed of the split or the folds. Runs with the same one share their validation images, so that they can be compared and combined; null is the
    /// run's seed.
    /// </summary>
    public long? SplitSeed { get; init; } = 1;

    /// <summary>
    /// Groups of images that split and folds keep together: <c>{column: NAME}</c> of train.csv or of Parquet shards, <c>{pattern: REGEX}</c> over file
    /// names, whose first capture is the group, or <c>twins</c>, the copies of one image; null groups no images.
    /// </summary>
    public SampleGrouping? Group { get; init; }

    /// <summary>
    /// CSV table of the training images' weights, with the columns <c>id</c> or <c>image_path</c>, and <c>weight</c>, such as <c>weights.csv</c> of
    /// <c>sketchflow audit</c>. They multiply the loss per image and are scaled to a mean of 1; null weights all images equally.
    /// </summary>
    public string? SampleWeights { get; init; }

    /// <summary>
    /// Rule of the split: <c>hash</c> of each group's name, so that added images do not move the others, or <c>rows</c>, by row numbers, as in runs of older
    /// versions.
    /// </summary>
    public SplitMethod SplitMethod { get; init; } = SplitMethod.Hash;

    /// <summary>
    /// Whether training first looks for validation images that are exact, near or mirrored copies of training images, and warns of them. Costs little,
    /// since the decoded images are kept for the first epoch. Has no effect on results.
    /// </summary>
    public bool CheckTwins { get; init; } = true;

    /// <summary>Size of the largest image that is decoded, in megapixels.</summary>
    public double MaxMegapixels { get; init; } = 64;

    /// <summary>Whether training JPEGs are decoded at 1/2, 1/4 or 1/8 where that is still larger than the target. Prediction always decodes in full.</summary>
    public bool ReducedDecoding { get; init; } = true;

    /// <summary>
    /// Mebibytes of decoded, resized images that training keeps in memory from one epoch to the next; null is a quarter of the memory that the process may
    /// use, 0 decodes every image each time. Has no effect on results.
    /// </summary>
    public double? CacheMegabytes { get; init; }

    /// <summary>Returns the options of reading the data set.</summary>
    public DataSetOptions ToOptions() => new() { Encoding = Encoding, ImageColumn = ImageColumn, LabelColumn = LabelColumn };
}
