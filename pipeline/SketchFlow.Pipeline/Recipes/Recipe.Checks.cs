using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Pipeline.Recipes;

public sealed partial record Recipe
{
    /// <summary>Checks the range of every value before data flows.</summary>
    /// <returns>This recipe.</returns>
    /// <exception cref="UsageException">A value is out of range; the message names it.</exception>
    public Recipe Checked()
    {
        CheckRun();
        CheckData();
        CheckPreparation();
        CheckMixingAndEma();
        CheckEnd();
        CheckKind("loss", Loss);
        CheckKind("optimizer", Optimizer);
        CheckKind("schedule", Schedule);
        return this;
    }

    private void CheckRun()
    {
        Require(ImageSize is null or (>= 16 and <= 4096), "image_size", ImageSize, "16 to 4096");
        Require(Epochs is >= 1 and <= 100_000, "epochs", Epochs, "1 to 100000");
        Require(BatchSize is >= 1 and <= 65_536, "batch_size", BatchSize, "1 to 65536");
        Require(Accumulation >= 1 && Accumulation <= BatchSize, "accumulation", Accumulation, $"1 to batch_size ({BatchSize})");
        Require(Workers is >= 0 and <= 1024, "workers", Workers, "0 (one per core) to 1024");
        Require(Threads is >= 0 and <= 1024, "threads", Threads, "0 (one per core) to 1024");
        Require(Device is "auto" or "cpu" or "cuda", "device", Device, "auto, cpu or cuda");
        Require(NonFiniteLimit >= 1, "non_finite_limit", NonFiniteLimit, "1 or more");
        Require(Model.DropPath is >= 0 and < 1, "model.drop_path", Model.DropPath, "0 to below 1");
        Require(Model.Dropout is >= 0 and < 1, "model.dropout", Model.Dropout, "0 to below 1");
    }

    private void CheckData()
    {
        Require(Data.Validation is > 0 and < 1, "data.validation", Data.Validation, "above 0 and below 1");
        Require(Data.Folds is 0 or (>= 2 and <= 1000), "data.folds", Data.Folds, "0 (none) or 2 to 1000");
        Require(Data.Fold is null || (Data.Fold >= 0 && Data.Fold < Data.Folds), "data.fold", Data.Fold, $"0 to below data.folds ({Data.Folds})");
        Require(Data.MaxMegapixels > 0, "data.max_megapixels", Data.MaxMegapixels, "above 0");
        Require(Data.CacheMegabytes is null or >= 0, "data.cache_megabytes", Data.CacheMegabytes ?? 0, "0 or more");
    }

    private void CheckPreparation()
    {
        Require(
            Preparation is { Mean: null, Std: null } or { Mean.Length: 3, Std.Length: 3 }, "preparation.mean and preparation.std",
            $"{Preparation.Mean?.Length ?? 0} and {Preparation.Std?.Length ?? 0} numbers", "neither, or three numbers each");
        Require(Preparation.Std?.All(s => s > 0) ?? true, "preparation.std", "0 or less", "above 0");
        var sizes = string.Join(", ", Sizes);
        Require(Sizes.All(s => s is { FromEpoch: >= 0, Size: >= 16 and <= 4096 }), "sizes", sizes, "from_epoch from 0 and size from 16 to 4096");
        Require(Sizes.Zip(Sizes.Skip(1)).All(p => p.First.FromEpoch < p.Second.FromEpoch), "sizes", sizes, "ascending from_epoch");
    }

    private void CheckMixingAndEma()
    {
        Require(Mixing is { Mixup: >= 0, Cutmix: >= 0 }, "mixing.mixup and mixing.cutmix", $"{Mixing.Mixup} and {Mixing.Cutmix}", "0 (off) or more");
        Require(Mixing is { P: >= 0 and <= 1, Switch: >= 0 and <= 1 }, "mixing.p and mixing.switch", $"{Mixing.P} and {Mixing.Switch}", "0 to 1");
        Require(Mixing.OffEpochs >= 0, "mixing.off_epochs", Mixing.OffEpochs, "0 or more");
        Require(Ema.Decay is >= 0 and < 1, "ema.decay", Ema.Decay, "0 (off) to below 1");
        Require(Ema.MinDecay is >= 0 and < 1, "ema.min_decay", Ema.MinDecay, "0 to below 1");
        Require(
            Ema is { WarmupGamma: > 0, WarmupPower: > 0 }, "ema.warmup_gamma and ema.warmup_power", $"{Ema.WarmupGamma} and {Ema.WarmupPower}", "above 0");
        Require(Ema.StartAfter >= 0, "ema.start_after", Ema.StartAfter, "0 or more");
    }

    private void CheckEnd()
    {
        Require(Finetune.HeadEpochs >= 0, "finetune.head_epochs", Finetune.HeadEpochs, "0 or more");
        Require(Finetune.UnfreezeEvery >= 0, "finetune.unfreeze_every", Finetune.UnfreezeEvery, "0 (all together) or more");
        Require(Finetune.FrozenGroups >= 0, "finetune.frozen_groups", Finetune.FrozenGroups, "0 or more");
        Require(Checkpoints.Top >= 0, "checkpoints.top", Checkpoints.Top, "0 (none) or more");
        Require(Checkpoints.EverySteps >= 0, "checkpoints.every_steps", Checkpoints.EverySteps, "0 (by time) or more");
        Require(Checkpoints.EveryMinutes >= 0, "checkpoints.every_minutes", Checkpoints.EveryMinutes, "0 (ends of epochs only) or more");
        Require(Checkpoints.Keep >= 1, "checkpoints.keep", Checkpoints.Keep, "1 or more");
        Require(Stopping.Patience >= 0, "stopping.patience", Stopping.Patience, "0 (never stops) or more");
        Require(Stopping.Delta >= 0, "stopping.delta", Stopping.Delta, "0 or more");
        Require(Stopping.Floor is >= 0 and < 1, "stopping.floor", Stopping.Floor, "0 (none) to below 1");
        Require(Stopping.FloorEpochs >= 1, "stopping.floor_epochs", Stopping.FloorEpochs, "1 or more");
    }

    private static void CheckKind(string section, Kind kind)
    {
        foreach (var check in kind.Checks())
        {
            Require(check.Holds, $"{section}.{check.Key}", check.Found is null ? null : check.FoundText, check.Expected);
        }
    }

    private static void Require(bool holds, string key, object? found, string expected)
    {
        if (!holds)
        {
            throw new UsageException($"{key} is {found ?? "null"}, where {expected} is expected; change it in the recipe or by --set {key}=….");
        }
    }
}
