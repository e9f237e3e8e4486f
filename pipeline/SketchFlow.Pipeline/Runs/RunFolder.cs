using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>One run's files, or those of one of its folds.</summary>
/// <param name="Folder">Its folder, <c>artifacts/runs/NAME</c> or <c>artifacts/runs/NAME/fold-K</c>.</param>
/// <param name="Fold">The fold, from 0; null for a whole run.</param>
public sealed record RunFolder(string Folder, int? Fold = null)
{
    /// <summary>The run's name, without the fold.</summary>
    public string Run => Path.GetFileName(Fold is null ? Folder : Path.GetDirectoryName(Folder)!);

    /// <summary>Run and fold, such as <c>convnext-a</c> or <c>convnext-a.fold-2</c>.</summary>
    public string Name => Fold is { } fold ? string.Create(CultureInfo.InvariantCulture, $"{Run}.fold-{fold}") : Run;

    /// <summary>The folder of a fold of this run.</summary>
    public RunFolder OfFold(int fold) => new(Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"fold-{fold}")), fold);

    /// <summary>The folders of its folds, in order; empty without folds.</summary>
    public IReadOnlyList<RunFolder> Folds => Fold is not null || !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateDirectories(Folder, "fold-*").Select(d => int.TryParse(Path.GetFileName(d)[5..], CultureInfo.InvariantCulture, out var k) ? k : -1)
            .Where(k => k >= 0).Order().Select(OfFold)];

    /// <summary>What can predict: the run itself, or its folds; those that have best weights.</summary>
    public IReadOnlyList<RunFolder> Trained => [.. (Folds is { Count: > 0 } folds ? folds : [this]).Where(r => File.Exists(r.Best))];

    /// <summary>Rates and waiting, one row an epoch.</summary>
    public string Timing => Path.Combine(Folder, "timing.csv");

    /// <summary>Recall of each class, one row an epoch.</summary>
    public string Recall => Path.Combine(Folder, "recall.csv");

    /// <summary>The folds' best epochs, one row a fold.</summary>
    public string FoldMetrics => Path.Combine(Folder, "folds.csv");

    /// <summary>Averaged weights (EMA) of the last epoch.</summary>
    public string LastAverage => Path.Combine(Folder, "last-ema.safetensors");

    /// <summary>Weights of the best epochs.</summary>
    public string Checkpoints => Path.Combine(Folder, "checkpoints");

    /// <summary>Weights of one epoch, if it was among the best.</summary>
    public string Checkpoint(int epoch) => Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:00000}.safetensors"));

    /// <summary>What resuming needs.</summary>
    public string Resume => Path.Combine(Folder, "resume");

    /// <summary>What a soup was made of; only soups have it.</summary>
    public string Soup => Path.Combine(Folder, "soup.json");

    /// <summary>The recipe, everything resolved.</summary>
    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    /// <summary>One row an epoch.</summary>
    public string Metrics => Path.Combine(Folder, "metrics.csv");

    /// <summary>Loss and accuracy, drawn.</summary>
    public string Curves => Path.Combine(Folder, "curves.png");

    /// <summary>Weights of the best epoch on validation.</summary>
    public string Best => Path.Combine(Folder, "best.safetensors");

    /// <summary>Weights of the last epoch.</summary>
    public string Last => Path.Combine(Folder, "last.safetensors");

    /// <summary>What training read but could not use.</summary>
    public string Rejections => Path.Combine(Folder, "rejected.csv");

    /// <summary>Reads the recipe back.</summary>
    /// <exception cref="RefusalException">There is no such run.</exception>
    /// <param name="overrides">Each <c>path.to.key=value</c>.</param>
    public Recipe Read(params string[] overrides) => File.Exists(Recipe)
        ? RecipeFile.Load(Recipe, overrides)
        : throw new RefusalException($"There is no run {Name} at {Folder}; train one, or name one of those in {Path.GetDirectoryName(Folder)}.");
}
