using System.Collections.Frozen;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>The names that training scripts written for W&amp;B use, and the recipe's keys for them. A recipe's own dotted keys need no entry here.</summary>
public static class SweepNames
{
    /// <summary>Stands for <c>--model</c>: a recipe, a family or an architecture.</summary>
    public const string Model = "model";

    /// <summary>Other names, and what they mean.</summary>
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

    /// <summary>The recipe's key for a parameter; within a section its part may have another name, too (<c>optimizer.lr</c>).</summary>
    public static string Key(string name)
    {
        if (Aliases.TryGetValue(name, out var key))
        {
            return key;
        }

        var dot = name.LastIndexOf('.');
        return dot > 0 && Aliases.TryGetValue(name[(dot + 1)..], out key) && key.StartsWith(name[..(dot + 1)], StringComparison.Ordinal) ? key : name;
    }

    /// <summary>The column for a metric's name; <c>val/loss</c> and <c>val.loss</c> are <c>val_loss</c>.</summary>
    public static string Metric(string name)
    {
        var plain = name.Replace('/', '_').Replace('.', '_');
        return Metrics.GetValueOrDefault(plain, plain);
    }
}
