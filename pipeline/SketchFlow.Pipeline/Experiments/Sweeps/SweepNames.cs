using System.Collections.Frozen;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Maps names that are usual in W&amp;B sweeps to keys of recipes and columns of <c>metrics.csv</c>. Dotted keys of recipes need no entry.</summary>
public static class SweepNames
{
    /// <summary>Key that stands for <c>--model</c>: a recipe, a family or an architecture.</summary>
    public const string Model = "model";

    /// <summary>Other names of recipe keys.</summary>
    public static FrozenDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["lr"] = "optimizer.learning_rate",
        ["learning_rate"] = "optimizer.learning_rate",
        ["L2"] = "optimizer.weight_decay",
        ["l2"] = "optimizer.weight_decay",
        ["L1"] = "loss.l1",
        ["l1"] = "loss.l1",
        ["loss"] = "loss.kind",
        ["weight_decay"] = "optimizer.weight_decay",
        ["clip_norm"] = "optimizer.clip_norm",
        ["beta1"] = "optimizer.beta1",
        ["beta2"] = "optimizer.beta2",
        ["optimizer"] = "optimizer.kind",
        ["scheduler"] = "schedule.kind",
        ["scheduler_gamma"] = "schedule.gamma",
        ["lr_decay"] = "schedule.step_epochs",
        ["step_size"] = "schedule.step_epochs",
        ["warmup_epochs"] = "schedule.warmup_epochs",
        ["label_smoothing"] = "loss.label_smoothing",
        ["dropout"] = "model.dropout",
        ["drop_path"] = "model.drop_path",
        ["mixup"] = "mixing.mixup",
        ["cutmix"] = "mixing.cutmix",
        ["patience"] = "stopping.patience",
        ["batch"] = "batch_size",
        ["img_size"] = "image_size",
        ["input_size"] = "image_size",
        ["num_epochs"] = "epochs",
        ["model"] = Model,
        ["model_name"] = Model,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Other names of the columns of <c>metrics.csv</c>.</summary>
    public static FrozenDictionary<string, string> Metrics { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["val_acc"] = "val_accuracy",
        ["validation_loss"] = "val_loss",
        ["validation_accuracy"] = "val_accuracy",
        ["accuracy"] = "val_accuracy",
        ["train_acc"] = "train_accuracy",
        ["lr"] = "learning_rate",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Returns the recipe key of a parameter; within a section, the last part may be another name (<c>optimizer.lr</c>).</summary>
    /// <param name="name">Name of the parameter in the sweep file.</param>
    public static string Key(string name)
    {
        if (Aliases.TryGetValue(name, out var key))
        {
            return key;
        }

        var dot = name.LastIndexOf('.');
        return dot > 0 && Aliases.TryGetValue(name[(dot + 1)..], out key) && key.StartsWith(name[..(dot + 1)], StringComparison.Ordinal) ? key : name;
    }

    /// <summary>Returns the column of a metric; <c>val/loss</c> and <c>val.loss</c> mean <c>val_loss</c>.</summary>
    /// <param name="name">Name of the metric in the sweep file.</param>
    public static string Metric(string name)
    {
        var plain = name.Replace('/', '_').Replace('.', '_');
        return Metrics.GetValueOrDefault(plain, plain);
    }
}
