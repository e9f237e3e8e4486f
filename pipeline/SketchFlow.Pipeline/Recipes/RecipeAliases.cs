using System.Collections.Frozen;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Maps names that are usual in W&amp;B sweeps, timm, Ultralytics and fastai to keys of recipes and columns of <c>metrics.csv</c>: in sweep files, in
/// <c>--set</c>, as options, and as columns of <c>runs</c>.
/// </summary>
public static class RecipeAliases
{
    /// <summary>Key that stands for <c>--model</c>: a recipe, a family or an architecture.</summary>
    public const string Model = "model";

    /// <summary>Other names of recipe keys.</summary>
    public static FrozenDictionary<string, string> Keys { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["lr"] = "optimizer.learning_rate",
        ["lr0"] = "optimizer.learning_rate",
        ["learning_rate"] = "optimizer.learning_rate",
        ["L2"] = "optimizer.weight_decay",
        ["l2"] = "optimizer.weight_decay",
        ["wd"] = "optimizer.weight_decay",
        ["weight_decay"] = "optimizer.weight_decay",
        ["momentum"] = "optimizer.momentum",
        ["layer_decay"] = "optimizer.layer_decay",
        ["clip_norm"] = "optimizer.clip_norm",
        ["clip_grad"] = "optimizer.clip_norm",
        ["beta1"] = "optimizer.beta1",
        ["beta2"] = "optimizer.beta2",
        ["optimizer"] = "optimizer.kind",
        ["opt"] = "optimizer.kind",
        ["L1"] = "loss.l1",
        ["l1"] = "loss.l1",
        ["loss"] = "loss.kind",
        ["criterion"] = "loss.kind",
        ["label_smoothing"] = "loss.label_smoothing",
        ["smoothing"] = "loss.label_smoothing",
        ["schedule"] = "schedule.kind",
        ["scheduler"] = "schedule.kind",
        ["sched"] = "schedule.kind",
        ["scheduler_gamma"] = "schedule.gamma",
        ["lr_decay"] = "schedule.step_epochs",
        ["step_size"] = "schedule.step_epochs",
        ["warmup_epochs"] = "schedule.warmup_epochs",
        ["dropout"] = "model.dropout",
        ["drop"] = "model.dropout",
        ["drop_rate"] = "model.dropout",
        ["drop_path"] = "model.drop_path",
        ["drop_path_rate"] = "model.drop_path",
        ["grad_checkpointing"] = "model.checkpointing",
        ["mixup"] = "mixing.mixup",
        ["cutmix"] = "mixing.cutmix",
        ["ema_decay"] = "ema.decay",
        ["model_ema_decay"] = "ema.decay",
        ["patience"] = "stopping.patience",
        ["batch"] = "batch_size",
        ["bs"] = "batch_size",
        ["img_size"] = "image_size",
        ["imgsz"] = "image_size",
        ["input_size"] = "image_size",
        ["crop_pct"] = "preparation.crop_percent",
        ["interpolation"] = "preparation.interpolation",
        ["num_epochs"] = "epochs",
        ["n_epochs"] = "epochs",
        ["max_epochs"] = "epochs",
        ["num_workers"] = "workers",
        ["random_seed"] = "seed",
        ["aug"] = "augmentation",
        ["validation_split"] = "data.validation",
        ["val_split"] = "data.validation",
        ["folds"] = "data.folds",
        ["fold"] = "data.fold",
        ["image_column"] = "data.image_column",
        ["image_col"] = "data.image_column",
        ["fn_col"] = "data.image_column",
        ["label_column"] = "data.label_column",
        ["label_col"] = "data.label_column",
        ["target_column"] = "data.label_column",
        ["target_col"] = "data.label_column",
        ["model"] = Model,
        ["model_name"] = Model,
        ["arch"] = Model,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Other names of the columns of <c>metrics.csv</c>.</summary>
    public static FrozenDictionary<string, string> Metrics { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["val_acc"] = "val_accuracy",
        ["valid_acc"] = "val_accuracy",
        ["validation_loss"] = "val_loss",
        ["valid_loss"] = "val_loss",
        ["validation_accuracy"] = "val_accuracy",
        ["accuracy"] = "val_accuracy",
        ["acc"] = "val_accuracy",
        ["top1"] = "val_accuracy",
        ["train_acc"] = "train_accuracy",
        ["lr"] = "learning_rate",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Returns the recipe key of a name; within a section, the last part may be another name (<c>optimizer.lr</c>).</summary>
    /// <param name="name">Name of the setting.</param>
    public static string Key(string name)
    {
        if (Keys.TryGetValue(name, out var key))
        {
            return key;
        }

        var dot = name.LastIndexOf('.');
        return dot > 0 && Keys.TryGetValue(name[(dot + 1)..], out key) && key.StartsWith(name[..(dot + 1)], StringComparison.Ordinal) ? key : name;
    }

    /// <summary>Returns the column of a metric; <c>val/loss</c> and <c>val.loss</c> mean <c>val_loss</c>.</summary>
    /// <param name="name">Name of the metric.</param>
    public static string Metric(string name)
    {
        var plain = name.Replace('/', '_').Replace('.', '_');
        return Metrics.GetValueOrDefault(plain, plain);
    }

    /// <summary>Returns the columns of a table of runs that a name may mean, the first that exists is meant: its own, a recipe key, a metric.</summary>
    /// <param name="name">Name of the column.</param>
    public static IEnumerable<string> Columns(string name)
    {
        var key = Key(name);
        return [name, key == Model ? "architecture" : key, Metric(name)];
    }
}
