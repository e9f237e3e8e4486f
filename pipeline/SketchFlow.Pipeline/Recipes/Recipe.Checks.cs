using System.Collections.Immutable;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Pipeline.Recipes;

public sealed partial record Recipe
{
    /// <summary>Checks the range of every value before data flows.</summary>
    /// <returns>This recipe.</returns>
    /// <exception cref="UsageException">A value is out of range; the message names it.</exception>
    public Recipe Checked() => Checks().FirstOrDefault(check => !check.Holds) is not { } failed
        ? this
        : throw new UsageException(
            $"{failed.Key} {(failed.Key.Contains(" and ", StringComparison.Ordinal) ? "are" : "is")} {failed.Found ?? "null"}, expected {failed.Expected}; "
            + $"change it in the recipe or with --set {failed.Key.Split(" and ")[0]}=….");

    /// <summary>Evaluates the range checks of all keys. They also are the source of the ranges in docs/reference/recipe.md.</summary>
    public ImmutableArray<OptionCheck> Checks()
    {
        var checks = ImmutableArray.CreateBuilder<OptionCheck>();
        CheckRun(Require);
        CheckData(Require);
        CheckPreparation(Require);
        CheckMixingAndEma(Require);
        CheckEnd(Require);
        CheckKind(Require, "loss", Loss);
        CheckKind(Require, "optimizer", Optimizer);
        CheckKind(Require, "schedule", Schedule);
        return checks.ToImmutable();

        void Require(bool holds, string key, object? found, string expected) => checks.Add(new OptionCheck(key, holds, found, expected));
    }

    private void CheckRun(AddCheck require)
    {
        require(ImageSize is null or (>= 16 and <= 4096), "image_size", ImageSize, "16 to 4096");
        require(Epochs is >= 1 and <= 100_000, "epochs", Epochs, "1 to 100000");
        require(BatchSize is >= 1 and <= 65_536, "batch_size", BatchSize, "1 to 65536");
        require(Accumulation >= 1 && Accumulation <= BatchSize, "accumulation", Accumulation, $"1 to batch_size ({BatchSize})");
        require(Workers is >= 0 and <= 1024, "workers", Workers, "0 (one per core) to 1024");
        require(Threads is >= 0 and <= 1024, "threads", Threads, "0 (one per core) to 1024");
        require(Device is "auto" or "cpu" or "cuda", "device", Device, "auto, cpu or cuda");
        require(NonFiniteLimit >= 1, "non_finite_limit", NonFiniteLimit, "1 or more");
        require(Model.DropPath is >= 0 and < 1, "model.drop_path", Model.DropPath, "0 to below 1");
        require(Model.Dropout is >= 0 and < 1, "model.dropout", Model.Dropout, "0 to below 1");
    }

    private void CheckData(AddCheck require)
    {
        require(IsEncoding(Data.Encoding), "data.encoding", Data.Encoding, "the name of an encoding, such as utf-8, windows-1252, shift_jis, cp949 or gb18030");
        require(Data.Validation is >= 0 and < 1, "data.validation", Data.Validation, "0 (none) to below 1");
        require(Data.Folds is 0 or (>= 2 and <= 1000), "data.folds", Data.Folds, "0 (none) or 2 to 1000");
        require(Data.Fold is null || (Data.Fold >= 0 && Data.Fold < Data.Folds), "data.fold", Data.Fold, $"0 to below data.folds ({Data.Folds})");
        require(
            Data.Group is null || Data.SplitMethod == SplitMethod.Hash, "data.split_method", "rows with a data.group", "hash, or rows without data.group");
        require(Data.MaxMegapixels > 0, "data.max_megapixels", Data.MaxMegapixels, "above 0");
        require(Data.CacheMegabytes is null or >= 0, "data.cache_megabytes", Data.CacheMegabytes ?? 0, "0 or more");
    }

    private static bool IsEncoding(string? name)
    {
        try
        {
            return name is null || TextEncodings.Find(name) is not null;
        }
        catch (UsageException)
        {
            return false;
        }
    }

    private void CheckPreparation(AddCheck require)
    {
        require(
            Preparation is { Mean: null, Std: null } or { Mean.Length: 3, Std.Length: 3 }, "preparation.mean and preparation.std",
            $"{Preparation.Mean?.Length ?? 0} and {Preparation.Std?.Length ?? 0} numbers", "neither, or three numbers each");
        require(Preparation.Std?.All(s => s > 0) ?? true, "preparation.std", "0 or less", "above 0");
        var sizes = string.Join(", ", Sizes);
        require(Sizes.All(s => s is { FromEpoch: >= 0, Size: >= 16 and <= 4096 }), "sizes", sizes, "from_epoch 0 or more and size 16 to 4096");
        require(Sizes.Zip(Sizes.Skip(1)).All(p => p.First.FromEpoch < p.Second.FromEpoch), "sizes", sizes, "ascending from_epoch");
    }

    private void CheckMixingAndEma(AddCheck require)
    {
        require(Mixing is { Mixup: >= 0, Cutmix: >= 0 }, "mixing.mixup and mixing.cutmix", $"{Mixing.Mixup} and {Mixing.Cutmix}", "0 (off) or more");
        require(Mixing is { P: >= 0 and <= 1, Switch: >= 0 and <= 1 }, "mixing.p and mixing.switch", $"{Mixing.P} and {Mixing.Switch}", "0 to 1");
        require(Mixing.OffEpochs >= 0, "mixing.off_epochs", Mixing.OffEpochs, "0 or more");
        require(Ema.Decay is >= 0 and < 1, "ema.decay", Ema.Decay, "0 (off) to below 1");
        require(Ema.MinDecay is >= 0 and < 1, "ema.min_decay", Ema.MinDecay, "0 to below 1");
        require(
            Ema is { WarmupGamma: > 0, WarmupPower: > 0 }, "ema.warmup_gamma and ema.warmup_power", $"{Ema.WarmupGamma} and {Ema.WarmupPower}", "above 0");
        require(Ema.StartAfter >= 0, "ema.start_after", Ema.StartAfter, "0 or more");
    }

    private void CheckEnd(AddCheck require)
    {
        require(Finetune.HeadEpochs >= 0, "finetune.head_epochs", Finetune.HeadEpochs, "0 or more");
        require(Finetune.UnfreezeEvery >= 0, "finetune.unfreeze_every", Finetune.UnfreezeEvery, "0 (all together) or more");
        require(Finetune.FrozenGroups >= 0, "finetune.frozen_groups", Finetune.FrozenGroups, "0 or more");
        require(Checkpoints.Top >= 0, "checkpoints.top", Checkpoints.Top, "0 (none) or more");
        require(Checkpoints.EverySteps >= 0, "checkpoints.every_steps", Checkpoints.EverySteps, "0 (by time) or more");
        require(Checkpoints.EveryMinutes >= 0, "checkpoints.every_minutes", Checkpoints.EveryMinutes, "0 (ends of epochs only) or more");
        require(Checkpoints.Keep >= 1, "checkpoints.keep", Checkpoints.Keep, "1 or more");
        require(Stopping.Patience >= 0, "stopping.patience", Stopping.Patience, "0 (never stops) or more");
        require(Stopping.LastEpoch >= 0, "stopping.last_epoch", Stopping.LastEpoch, "0 (that of epochs) or more");
        require(Stopping.Delta >= 0, "stopping.delta", Stopping.Delta, "0 or more");
        require(Stopping.Floor is >= 0 and < 1, "stopping.floor", Stopping.Floor, "0 (none) to below 1");
        require(Stopping.FloorEpochs >= 1, "stopping.floor_epochs", Stopping.FloorEpochs, "1 or more");
    }

    private static void CheckKind(AddCheck require, string section, Kind kind)
    {
        foreach (var check in kind.Checks())
        {
            require(check.Holds, $"{section}.{check.Key}", check.Found is null ? null : check.FoundText, check.Expected);
        }
    }

    /// <summary>Adds the check of one key.</summary>
    private delegate void AddCheck(bool holds, string key, object? found, string expected);
}
