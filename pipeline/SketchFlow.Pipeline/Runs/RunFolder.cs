using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The paths of the files of a run, or of one of its folds.</summary>
/// <param name="Folder">The folder, <c>artifacts/runs/NAME</c> or <c>artifacts/runs/NAME/fold-K</c>.</param>
/// <param name="Fold">Number of the fold, from 0; null for a whole run.</param>
public sealed record RunFolder(string Folder, int? Fold = null)
{
    /// <summary>Name of the run, without the fold.</summary>
    public string Run => Path.GetFileName(Fold is null ? Folder : Path.GetDirectoryName(Folder)!);

    /// <summary>Name of the run and fold, such as <c>convnext-a</c> or <c>convnext-a.fold-2</c>.</summary>
    public string Name => Fold is { } fold ? string.Create(CultureInfo.InvariantCulture, $"{Run}.fold-{fold}") : Run;

    /// <summary>Gets the folder of a fold of this run.</summary>
    public RunFolder ForFold(int fold) => new(Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"fold-{fold}")), fold);

    /// <summary>The folders of the folds, in order; empty for a run without folds.</summary>
    public IReadOnlyList<RunFolder> Folds => Fold is not null || !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateDirectories(Folder, "fold-*")
            .Select(d => int.TryParse(Path.GetFileName(d)[5..], CultureInfo.InvariantCulture, out var k) ? k : -1)
            .Where(k => k >= 0).Order().Select(ForFold)];

    /// <summary>The parts that can predict, i.e. have best weights: the run itself, or its folds.</summary>
    public IReadOnlyList<RunFolder> Trained => [.. (Folds is { Count: > 0 } folds ? folds : [this]).Where(r => File.Exists(r.Best))];

    /// <summary>Times and rates, one row per epoch.</summary>
    public string Timing => Path.Combine(Folder, "timing.csv");

    /// <summary>Recall of each class, one row per epoch.</summary>
    public string Recall => Path.Combine(Folder, "recall.csv");

    /// <summary>Best epoch of each fold, one row per fold.</summary>
    public string FoldMetrics => Path.Combine(Folder, "folds.csv");

    /// <summary>Averaged weights (EMA) of the last epoch.</summary>
    public string LastAverage => Path.Combine(Folder, "last-ema.safetensors");

    /// <summary>Folder with the weights of the best epochs.</summary>
    public string Checkpoints => Path.Combine(Folder, "checkpoints");

    /// <summary>Gets the file of the weights of one epoch, which exists if it is among the best.</summary>
    public string Checkpoint(int epoch) => Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:00000}.safetensors"));

    /// <summary>Folder of the resume files.</summary>
    public string Resume => Path.Combine(Folder, "resume");

    /// <summary>Options and ingredients of a soup; only soups have it.</summary>
    public string Soup => Path.Combine(Folder, "soup.json");

    /// <summary>The fully resolved recipe.</summary>
    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    /// <summary>The training and validation rows, one row per image.</summary>
    public string Rows => Path.Combine(Folder, "rows.csv");

    /// <summary>Metrics, one row per epoch.</summary>
    public string Metrics => Path.Combine(Folder, "metrics.csv");

    /// <summary>Plot of loss and accuracy.</summary>
    public string Curves => Path.Combine(Folder, "curves.png");

    /// <summary>Weights of the best epoch on validation.</summary>
    public string Best => Path.Combine(Folder, "best.safetensors");

    /// <summary>Weights of the last epoch.</summary>
    public string Last => Path.Combine(Folder, "last.safetensors");

    /// <summary>Images that training rejected.</summary>
    public string Rejections => Path.Combine(Folder, "rejected.csv");

    /// <summary>Reads the recipe.</summary>
    /// <param name="overrides">Overrides, each <c>path.to.key=value</c>.</param>
    /// <exception cref="RefusalException">There is no such run.</exception>
    public Recipe Read(params string[] overrides) => File.Exists(Recipe)
        ? RecipeFile.Load(Recipe, overrides)
        : throw new RefusalException($"No run named {Name} at {Folder}{Similar()}; "
            + $"train it first, or choose one of the runs in {Path.GetDirectoryName(Folder)}.");

    /// <summary>Suggests a run of the same folder in a message: <c>" (did you mean 'NAME'?)"</c>, or nothing.</summary>
    public string Similar() => Path.GetDirectoryName(Folder) is { } runs && Directory.Exists(runs)
        ? Spelling.DidYouMean(Name, Directory.EnumerateDirectories(runs).Select(d => Path.GetFileName(d)!))
        : "";
}
