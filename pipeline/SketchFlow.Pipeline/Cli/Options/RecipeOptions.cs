using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>The options that set values of the recipe, with their keys: the one table that verbs, help and contradictions go by.</summary>
internal static class RecipeOptions
{
    public static Option<double?> LearningRate { get; } = new("--lr", "--learning-rate", "--lr0")
    {
        Description = "Learning rate; default: the recipe's.",
        HelpName = "number",
    };

    public static Option<int?> BatchSize { get; } = new("--batch-size", "-b", "--batch", "--bs")
    {
        Description = "Images per step; default: the recipe's.",
        HelpName = "number",
    };

    public static Option<int?> ImageSize { get; } = new("--image-size", "--img-size", "--imgsz", "--input-size")
    {
        Description = "Side of the square input in pixels; default: the recipe's.",
        HelpName = "pixels",
    };

    public static Option<int?> Epochs { get; } = new("--epochs", "-e", "--num-epochs")
    {
        Description = "Number of epochs; default: the recipe's.",
        HelpName = "number",
    };

    public static Option<long?> Seed { get; } = new("--seed")
    {
        Description = "Random seed of order, augmentation and new weights; the split has its own (data.split_seed). Default: the recipe's.",
        HelpName = "number",
    };

    public static Option<string?> Augmentation { get; } = new("--augmentation", "--aug")
    {
        Description = "Augmentation preset, such as none, sketch or randaugment; default: the recipe's.",
        HelpName = "preset",
    };

    public static Option<int?> Workers { get; } = new("--workers", "-j", "--num-workers")
    {
        Description = "Threads that prepare images; default: one per core.",
        HelpName = "number",
    };

    public static Option<int?> Threads { get; } = new("--threads")
    {
        Description = "Threads of tensor operations; default: one per core.",
        HelpName = "number",
    };

    public static Option<string?> Data { get; } = new("--data", "--data-dir", "--data-path", "--dataset")
    {
        Description = "Folder of the data set; default: the built-in doodles.",
        HelpName = "folder",
    };

    public static Option<string?> DataOfRun { get; } = new(Data.Name, [.. Data.Aliases])
    {
        Description = "Folder of the data set; default: the one that the run was trained on.",
        HelpName = "folder",
    };

    public static Option<string?> Device { get; } = new("--device")
    {
        Description = "auto, cpu or cuda; default: the recipe's.",
        HelpName = "name",
        CustomParser = Read,
    };

    public static Option<string?> Amp { get; } = new("--amp")
    {
        Description = "Mixed precision: auto, off, bf16 or fp16; default: the recipe's.",
        HelpName = "mode",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Read,
    };

    public static Option<int?> Folds { get; } = new("--folds", "--n-folds", "--kfold")
    {
        Description = "Folds of a stratified cross-validation: trains one model per fold and writes out-of-fold logits of all training images.",
        HelpName = "number",
    };

    public static Option<int?> Fold { get; } = new("--fold") { Description = "Train only this fold, counted from 0.", HelpName = "number" };

    public static Option<string?> SampleWeights { get; } = new("--sample-weights")
    {
        Description = "CSV table of the training images' weights in the loss, with the columns id or image_path, and weight, such as that of "
            + "'sketchflow audit'.",
        HelpName = "file",
    };

    public static Option<string?> Weights { get; } = new("--weights", "--initial-checkpoint")
    {
        Description = "Start from this file with timm's tensor names: safetensors, a sharded index, a PyTorch checkpoint (.pth, .bin), or a folder "
            + "that contains one.",
        HelpName = "file",
    };

    public static Option<string?> Pretrained { get; } = new("--pretrained")
    {
        Description = "Start from timm's weights with this tag, or without a value its default tag; same as --model MODEL.TAG. Downloaded once (see "
            + "'sketchflow models pull').",
        HelpName = "tag",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Read,
    };

    /// <summary>The options that stand for an override of <c>--set</c>, in its place.</summary>
    public static ImmutableArray<RecipeOption> Settings { get; } =
    [
        new(LearningRate, "optimizer.learning_rate"), new(BatchSize, "batch_size"), new(ImageSize, "image_size"), new(Seed, "seed"),
        new(Augmentation, "augmentation"), new(Workers, "workers"), new(Threads, "threads"),
    ];

    /// <summary>All options that set a value of the recipe.</summary>
    public static ImmutableArray<RecipeOption> All { get; } =
    [
        .. Settings, new(Epochs, "epochs"), new(Data, "data.path"), new(DataOfRun, "data.path"), new(Device, "device"),
        new(Amp, "amp"), new(Folds, "data.folds"), new(Fold, "data.fold"), new(SampleWeights, "data.sample_weights"),
        new(Weights, "weights"), new(Pretrained, "pretrained"),
    ];

    /// <summary>Returns the overrides of <c>--set</c> under the recipe's own keys, followed by the <see cref="Settings"/>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="set">The values of <c>--set</c>.</param>
    /// <exception cref="UsageException">An option and <c>--set</c> contradict each other, or an override has no key.</exception>
    public static ImmutableArray<string> Overrides(ParseResult parsed, IEnumerable<string> set)
    {
        ImmutableArray<string> given = [.. set];
        foreach (var option in All)
        {
            foreach (var setting in given)
            {
                option.RefuseContradiction(parsed, setting);
            }
        }

        return [.. given.Select(RecipeOverride.Canonical), .. Settings.Select(option => option.OverrideIn(parsed)).OfType<string>()];
    }

    /// <summary>Returns the program's word for a value of another tool: 0, gpu and cuda:0 mean cuda.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">The value.</param>
    public static string Normal(Option option, string value) => option == Device && value is "0" or "gpu" or "cuda:0" ? "cuda"
        : option == Amp && value is "true" or "True" ? "auto"
        : option == Amp && value is "false" or "False" or "float32" or "fp32" ? "off"
        : option == Amp && value is "float16" ? "fp16"
        : option == Amp && value is "bfloat16" ? "bf16"
        : option == Pretrained && value is "true" or "True" ? "default"
        : value;

    /// <summary>Returns the value of an option that is given without one, as timm's --amp and --pretrained are.</summary>
    /// <param name="option">The option.</param>
    public static string Bare(Option option) => option == Amp ? "auto" : "default";

    private static string? Read(ArgumentResult result) => result.Parent is not OptionResult { Implicit: false } given ? null
        : result.Tokens is [var token] ? Normal(given.Option, token.Value) : Bare(given.Option);
}
