using System.Collections.Immutable;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>A complete experiment: model, data and all settings of the training. Every value can be set by <c>--set path.to.key=value</c>.</summary>
public sealed partial record Recipe
{
    /// <summary>Purpose of the recipe and its results, for the reader.</summary>
    public string Description { get; init; } = "";

    /// <summary>Architecture, by timm's name.</summary>
    public string Architecture { get; init; } = "resnet18";

    /// <summary>File of the initial weights, under timm's names: safetensors, a sharded index or a PyTorch checkpoint. Overrides pretrained.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// timm's pretrained weights: a tag, <c>model.tag</c>, <c>default</c> (timm's first), or <c>auto</c> (the default where it is cached or can
    /// be downloaded, else new weights); null starts from new weights. The tag also provides image size, mean, standard deviation, interpolation
    /// and crop, where the recipe does not set them.
    /// </summary>
    public string? Pretrained { get; init; }

    /// <summary>Whether weights with other names or shapes than the model's are refused; false loads those that fit and lists the rest.</summary>
    public bool StrictWeights { get; init; } = true;

    /// <summary>Side of the square input in pixels; null is the architecture's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Options of the architecture.</summary>
    public ModelRecipe Model { get; init; } = new();

    /// <summary>Data set and its split.</summary>
    public DataRecipe Data { get; init; } = new();

    /// <summary>Resizing and normalisation of the images.</summary>
    public PreparationRecipe Preparation { get; init; } = new();

    /// <summary>Transforms of the training images, in order; <c>sketchflow transforms list</c> lists them. Or the name of a preset.</summary>
    public ImmutableArray<Transform> Augmentation { get; init; } = [];

    /// <summary>Mixup and CutMix of whole batches, on the device; off by default.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>Loss that is minimised.</summary>
    public Loss Loss { get; init; } = new CrossEntropy();

    /// <summary>Optimiser of the parameters.</summary>
    public Optimizer Optimizer { get; init; } = new AdamW();

    /// <summary>Running average of the weights, for validation and prediction; off by default.</summary>
    public EmaOptions Ema { get; init; } = new();

    /// <summary>Learning rate over the run.</summary>
    public Schedule Schedule { get; init; } = new Cosine();

    /// <summary>Early stopping and the choice of the best epoch.</summary>
    public StoppingOptions Stopping { get; init; } = new();

    /// <summary>Layer groups of a pretrained model that learn, by epoch.</summary>
    public FinetuneRecipe Finetune { get; init; } = new();

    /// <summary>Sides of the training images by epoch (progressive resizing), in ascending order of epochs; empty trains at image_size in all epochs.</summary>
    public ImmutableArray<SizeStage> Sizes { get; init; } = [];

    /// <summary>Checkpoints of a run, in addition to its best and last weights.</summary>
    public CheckpointRecipe Checkpoints { get; init; } = new();

    /// <summary>
    /// Name of the run that this one repeats on all labelled images (train --refit); its validation figures are the estimates. Null for an ordinary run.
    /// </summary>
    public string? Refit { get; init; }

    /// <summary>Number of epochs.</summary>
    public int Epochs { get; init; } = 15;

    /// <summary>Number of images per step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// Number of parts into which each batch is split on the device; their gradients are added up. The step is that of the whole batch (except for
    /// batch norms), in the memory of one part.
    /// </summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Mixed precision.</summary>
    public AmpMode Amp { get; init; } = AmpMode.Auto;

    /// <summary>Whether images and convolution weights are channels last in memory; 10 to 30 % faster for convolutional networks.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>Device: auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Number of threads that prepare images; 0 is one per core.</summary>
    public int Workers { get; init; }

    /// <summary>
    /// Number of threads of tensor operations. 0 is one per core, and is replaced by that number when a run starts, since sums over threads depend on it.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Random seed of the order of images, the augmentation, new weights and dropout; and of the split where data.split_seed is null.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Number of consecutive steps, across epochs, with a loss or gradient that is not finite before the run stops; a step that only reduces the loss scale
    /// of float16 does not count.
    /// </summary>
    public int NonFiniteLimit { get; init; } = 5;

    /// <summary>Creates the options of a learner for this recipe.</summary>
    /// <param name="loss">The recipe's loss, with its class weights computed from the data.</param>
    /// <param name="precision">Number format that the recipe's mixed precision means on the device.</param>
    public LearnerOptions Learner(Loss loss, ComputePrecision precision) => new()
    {
        Loss = loss,
        Mixing = Mixing,
        Optimizer = Optimizer,
        Ema = Ema,
        Accumulation = Accumulation,
        Checkpointing = Model.Checkpointing,
        Precision = precision,
        Seed = Seed,
    };
}
