using System.Collections.Frozen;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>Verbs of timm, Ultralytics, fastai, AutoGluon and W&amp;B, and the command lines of this program that do the same.</summary>
internal static class OtherToolVerbs
{
    /// <summary>Words that other tools use for the verbs of this program.</summary>
    public static FrozenDictionary<string, string> Same { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["fit"] = "train",
        ["finetune"] = "train",
        ["fine-tune"] = "train",
        ["fine_tune"] = "train",
        ["val"] = "evaluate",
        ["validate"] = "evaluate",
        ["eval"] = "evaluate",
        ["interpret"] = "evaluate",
        ["test"] = "predict",
        ["infer"] = "predict",
        ["inference"] = "predict",
        ["tune"] = "sweep",
        ["hpo"] = "sweep",
        ["blend"] = "ensemble",
        ["lr_find"] = "lr-find",
        ["lrfind"] = "lr-find",
        ["lr-finder"] = "lr-find",
        ["find-lr"] = "lr-find",
        ["find-batch-size"] = "batch-find",
        ["leaderboard"] = "runs --sort -val_accuracy",
        ["ls"] = "runs",
        ["list"] = "runs",
        ["list-models"] = "models list",
        ["list_models"] = "models list",
        ["show_batch"] = "transforms preview",
        ["show-batch"] = "transforms preview",
        ["checks"] = "doctor",
        ["summary"] = "models info",
        ["cfg"] = "recipes keys",
        ["settings"] = "recipes keys",
        ["deploy"] = "serve",
        ["server"] = "serve",
        ["benchmark"] = "bench infer",
        ["version"] = "--version",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Verbs that this program does not have, with a sentence each.</summary>
    public static FrozenDictionary<string, string> Missing { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["detect"] = "SketchFlow classifies whole images and detects no objects; try: sketchflow train --data FOLDER",
        ["segment"] = "SketchFlow classifies whole images and segments none; try: sketchflow train --data FOLDER",
        ["login"] = "SketchFlow needs no account; to track runs in MLflow, try: sketchflow train --track mlflow:DIR",
        ["agent"] = "SketchFlow runs the trials of a sweep itself; try: sketchflow sweep FILE --count 20",
        ["submit"] = "SketchFlow writes submissions and uploads none; try: sketchflow predict, then send the CSV file that it names.",
        ["resume"] = "A verb is missing; to resume the newest unfinished run, try: sketchflow train --resume",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
