using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>An experiment, whole: what is trained, on what, and how. Every value can be set by <c>--set path.to.key=value</c>.</summary>
public sealed partial record Recipe
{
    /// <summary>What it is for and what it gave, for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>timm architecture name.</summary>
    public string Architecture { get; init; } = "resnet18";

    /// <summary>A file to start from, under timm's names: safetensors, a sharded index or a PyTorch checkpoint. It goes before <see cref="Pretrained"/>.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// timm's weights to start from: a tag, <c>model.tag</c>, <c>default</c> (timm's first), or <c>auto</c> (the default where it is cached or can
    /// be downloaded, else fresh); null starts fresh. Image size, mean, standard deviation, interpolation and crop are the tag's unless told.
    /// </summary>
    public string? Pretrained { get; init; }

    /// <summary>Refuse weights whose names or shapes are not the model's; false takes what fits and lists the rest.</summary>
    public bool StrictWeights { get; init; } = true;

    /// <summary>Side of the square input in pixels; null is the architecture's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>What the architecture leaves open.</summary>
    public ModelRecipe Model { get; init; } = new();

    /// <summary>The images and how they are split.</summary>
    public DataRecipe Data { get; init; } = new();

    /// <summary>How images come to one size.</summary>
    public PreparationRecipe Preparation { get; init; } = new();

    /// <summary>Transforms of the training images, in order; <c>sketchflow transforms list</c> names them.</summary>
    public ImmutableArray<Transform> Augmentation { get; init; } = [];

    /// <summary>Mixup and CutMix of whole batches, on the device; off unless told.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>What is minimised.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>How parameters move.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>A running average of the weights, to validate and predict with; off unless told.</summary>
    public EmaOptions Ema { get; init; } = new();

    /// <summary>The learning rate over the run.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>When to stop before the last epoch.</summary>
    public StoppingOptions Stopping { get; init; } = new();

    /// <summary>What of a pretrained model learns, and when.</summary>
    public FinetuneRecipe Finetune { get; init; } = new();

    /// <summary>Sides of the training images by epoch (progressive resizing), in ascending order of epochs; empty trains at <see cref="ImageSize"/> throughout.</summary>
    public ImmutableArray<SizeStage> Sizes { get; init; } = [];

    /// <summary>What is kept of a run beside its best and last weights.</summary>
    public CheckpointRecipe Checkpoints { get; init; } = new();

    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 15;

    /// <summary>Images a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Parts that each batch is cut into on the device, gradients added up: the same step (but for batch norms) in the memory of one part.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Mixed precision.</summary>
    public AmpMode Amp { get; init; } = AmpMode.Auto;

    /// <summary>Lay images and convolution weights channels last; 10 to 30 % faster for convolutional networks.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads that prepare images; 0 is one for each core.</summary>
    public int Workers { get; init; }

    /// <summary>Threads that tensors are computed with; 0 is one a core, and becomes that number when a run begins, as sums over threads depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Seeds the split, the order, the augmentation, the fresh weights and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Steps in a row whose loss or gradient is not finite before the run stops.</summary>
    public int NonFiniteLimit { get; init; } = 5;

    /// <summary>Checks what can be checked before data flows.</summary>
    /// <exception cref="UsageException">A value is out of range; the sentence names it.</exception>
    public Recipe Checked()
    {
        Require(ImageSize is null or (>= 16 and <= 4096), "image_size", ImageSize, "16 to 4096");
        Require(Epochs is >= 1 and <= 100_000, "epochs", Epochs, "1 to 100000");
        Require(BatchSize is >= 1 and <= 65_536, "batch_size", BatchSize, "1 to 65536");
        Require(Workers is >= 0 and <= 1024, "workers", Workers, "0 (one a core) to 1024");
        Require(Data.Validation is > 0 and < 1, "data.validation", Data.Validation, "above 0 and below 1");
        Require(Threads is >= 0 and <= 1024, "threads", Threads, "0 (one a core) to 1024");
        Require(Data.Folds is 0 or (>= 2 and <= 1000), "data.folds", Data.Folds, "0 (none) or 2 to 1000");
        Require(Data.Fold is null || (Data.Fold >= 0 && Data.Fold < Data.Folds), "data.fold", Data.Fold, $"0 to below data.folds ({Data.Folds})");
        Require(Finetune.HeadEpochs >= 0, "finetune.head_epochs", Finetune.HeadEpochs, "0 or more");
        Require(Finetune.UnfreezeEvery >= 0, "finetune.unfreeze_every", Finetune.UnfreezeEvery, "0 (all at once) or more");
        Require(Finetune.FrozenGroups >= 0, "finetune.frozen_groups", Finetune.FrozenGroups, "0 or more");
        Require(Sizes.All(s => s is { FromEpoch: >= 0, Size: >= 16 and <= 4096 }), "sizes", string.Join(", ", Sizes), "from_epoch from 0 and size from 16 to 4096");
        Require(Sizes.Zip(Sizes.Skip(1)).All(p => p.First.FromEpoch < p.Second.FromEpoch), "sizes", string.Join(", ", Sizes), "ascending from_epoch");
        Require(Checkpoints.Top >= 0, "checkpoints.top", Checkpoints.Top, "0 (none) or more");
        Require(Checkpoints.EverySteps >= 0, "checkpoints.every_steps", Checkpoints.EverySteps, "0 (by time) or more");
        Require(Checkpoints.EveryMinutes >= 0, "checkpoints.every_minutes", Checkpoints.EveryMinutes, "0 (ends of epochs only) or more");
        Require(Checkpoints.Keep >= 1, "checkpoints.keep", Checkpoints.Keep, "1 or more");
        Require(Stopping.Delta >= 0, "stopping.delta", Stopping.Delta, "0 or more");
        Require(Stopping.Floor is >= 0 and < 1, "stopping.floor", Stopping.Floor, "0 (none) to below 1");
        Require(Stopping.FloorEpochs >= 1, "stopping.floor_epochs", Stopping.FloorEpochs, "1 or more");
        Require(Data.MaxMegapixels > 0, "data.max_megapixels", Data.MaxMegapixels, "above 0");
        Require(Data.CacheMegabytes is null or >= 0, "data.cache_megabytes", Data.CacheMegabytes ?? 0, "0 or more");
        Require(
            Preparation is { Mean: null, Std: null } or { Mean.Length: 3, Std.Length: 3 }, "preparation.mean and preparation.std",
            $"{Preparation.Mean?.Length ?? 0} and {Preparation.Std?.Length ?? 0} numbers", "neither, or three numbers each");
        Require(Preparation.Std?.All(s => s > 0) ?? true, "preparation.std", "0 or less", "above 0");
        Require(Accumulation >= 1 && Accumulation <= BatchSize, "accumulation", Accumulation, $"1 to batch_size ({BatchSize})");
        CheckMathematics();
        Require(Model.DropPath is >= 0 and < 1, "model.drop_path", Model.DropPath, "0 to below 1");
        Require(Model.Dropout is >= 0 and < 1, "model.dropout", Model.Dropout, "0 to below 1");
        Require(Stopping.Patience >= 0, "stopping.patience", Stopping.Patience, "0 (never stops) or more");
        Require(NonFiniteLimit >= 1, "non_finite_limit", NonFiniteLimit, "1 or more");
        Require(Device is "auto" or "cpu" or "cuda", "device", Device, "auto, cpu or cuda");
        return this;
    }

    /// <summary>What a learner needs to know of the recipe.</summary>
    /// <param name="loss">The recipe's loss, with what it asks of the data already counted.</param>
    /// <param name="precision">What the recipe's mixed precision came to on the device.</param>
    public LearnerOptions Learner(LossOptions loss, ComputePrecision precision) => new()
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

    private static void Require(bool holds, string key, object? found, string expected)
    {
        if (!holds)
        {
            throw new UsageException($"{key} is {found ?? "null"}, where {expected} is expected; change it in the recipe or by --set {key}=….");
        }
    }
}
