using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>checkpoints ─> mean of weights ─> statistics ─> validation ─> a run that predict takes.</summary>
/// <param name="options">How.</param>
/// <param name="runs">Runs of one architecture, validated on the same images; the first one's recipe is the soup's.</param>
/// <param name="data">Their images.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="log">Takes a line for people.</param>
public sealed class SoupJob(SoupOptions options, IReadOnlyList<RunFolder> runs, DataSet data, ComputeDevice device, Action<string> log)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly Recipe _recipe = Common(runs, data);

    /// <summary>Makes the soup and writes it as a run.</summary>
    /// <param name="target">The run's folder.</param>
    /// <param name="cancellation">Ends it; nothing is written.</param>
    /// <returns>What went in, and what it came to.</returns>
    /// <exception cref="RefusalException">There are fewer than two files, or they do not fit together.</exception>
    public (ImmutableArray<Ingredient> Ingredients, EpochMetrics Soup) Run(RunFolder target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        // Statistics are counted without drop-out; the tensors are the same.
        var architecture = RecipeModel.Build(_recipe with { Model = _recipe.Model with { DropPath = 0, Dropout = 0 } }, data.Classes.Length);
        var files = runs.SelectMany(r => Files(r).Select(f => (Run: r.Name, File: f))).ToList();
        if (files.Count < 2)
        {
            throw new RefusalException(
                $"A soup needs at least two sets of weights, and {string.Join(", ", runs.Select(r => r.Name))} give {files.Count}; name more runs, or train with --set checkpoints.top=3.");
        }

        var split = DataSource.Split(data, _recipe);
        var precision = MixedPrecision.Resolve(_recipe.Amp, device);
        var validation = new Validation(_recipe, architecture, precision, split.Validation, ImageCache.Create(_recipe.Data.CacheMegabytes));
        var ranking = new EarlyStopping(_recipe.Stopping);
        using var model = Load(architecture, files[0].File);
        var tried = new List<(Ingredient Ingredient, EpochMetrics Row)>();
        foreach (var (run, file) in files)
        {
            using (var one = Load(architecture, file))
            {
                model.CopyFrom(one);
            }

            var row = Row(validation.Measure(model, _ => { }, cancellation), tried.Count + 1);
            tried.Add((new Ingredient(run, file, FileHash.Sha256(file), row.ValidationAccuracy, row.ValidationLoss, Kept: false), row));
            log($"{run} {Path.GetFileName(file)}: accuracy {100 * row.ValidationAccuracy:0.00} %, loss {row.ValidationLoss:0.0000}");
        }

        // Weights that are there twice, such as a best epoch kept among the top ones, count once.
        var order = ranking.Ranked(tried.DistinctBy(t => t.Ingredient.Sha256).Select(t => t.Row)).Select(r => r.Epoch - 1).ToList();
        using var mean = new WeightAverage();
        var kept = new HashSet<int>();
        EpochMetrics? best = null;
        foreach (var index in order)
        {
            using var one = Load(architecture, tried[index].Ingredient.File);
            if (options.Kind == SoupKind.Uniform || mean.Count == 0)
            {
                mean.Add(one);
                kept.Add(index);
                best = tried[index].Row;
                continue;
            }

            mean.Into(model, with: one);
            Recount(model, architecture, precision, split.Train, cancellation);
            var row = Row(validation.Measure(model, _ => { }, cancellation), 1);
            var better = Score(row) >= Score(best!);
            log($"with {tried[index].Ingredient.Run} {Path.GetFileName(tried[index].Ingredient.File)}: accuracy {100 * row.ValidationAccuracy:0.00} %, loss {row.ValidationLoss:0.0000}; {(better ? "kept" : "left out")}");
            if (better)
            {
                mean.Add(one);
                kept.Add(index);
                best = row;
            }
        }

        if (kept.Count == 1)
        {
            // The best alone: its own statistics are right.
            using var one = Load(architecture, tried[kept.Single()].Ingredient.File);
            model.CopyFrom(one);
        }
        else
        {
            mean.Into(model);
            Recount(model, architecture, precision, split.Train, cancellation);
        }

        var soup = Row(validation.Measure(model, _ => { }, cancellation), 1);
        ImmutableArray<Ingredient> ingredients = [.. tried.Select((t, i) => t.Ingredient with { Kept = kept.Contains(i) })];
        Write(target, model, soup, ingredients);
        return (ingredients, soup);
    }

    private void Write(RunFolder target, FlatModel model, EpochMetrics soup, ImmutableArray<Ingredient> ingredients)
    {
        var names = string.Join(", ", runs.Select(r => r.Name));
        Checkpoint.Write(target.Best, model, data, soup, average: true);
        EpochMetrics.Write(target.Metrics, [soup]);
        EpochMetrics.WriteRecall(target.Recall, data.Classes, [soup]);
        WholeFile.WriteText(target.Soup, JsonSerializer.Serialize(
            new { kind = options.Kind.ToString(), statistics = NormStatistics.AreIn(model.Architecture) ? options.Statistics.ToString() : "none", options.Batches, ingredients }, _json) + "\n");
        WholeFile.WriteText(target.Recipe, RecipeFile.Write(_recipe with { Description = $"A {options.Kind.ToString().ToLowerInvariant()} soup of {names}." }));
    }

    private void Recount(FlatModel model, Architecture architecture, ComputePrecision precision, IReadOnlyList<Sample> train, CancellationToken cancellation)
    {
        if (options.Statistics == SoupStatistics.Average || !NormStatistics.AreIn(architecture))
        {
            return;
        }

        var statistics = new NormStatistics(model, architecture.Preprocessing, precision);
        var shown = EpochShuffle.Shuffle(train, _recipe.Seed, 0).Take(options.Batches * _recipe.BatchSize).ToList();
        ImageFlow.Batches(
            ImageFlow.Options(_recipe, architecture) with { LastBatch = shown.Count >= _recipe.BatchSize ? LastBatch.Drop : LastBatch.Keep }, shown)
            .Run(statistics.Add, _ => { }, cancellation);
    }

    private double Score(EpochMetrics row) => _recipe.Stopping.Metric == ValidationMetric.Accuracy ? row.ValidationAccuracy : -row.ValidationLoss;

    private static EpochMetrics Row(ClassificationReport evaluation, int number) => new()
    {
        Epoch = number,
        ValidationLoss = evaluation.LogLoss,
        ValidationAccuracy = evaluation.Accuracy,
        ValidationTop5 = evaluation.TopK,
        ValidationMacroF1 = evaluation.MacroF1,
        Recall = [.. evaluation.PerClass.Select(c => c.Recall)],
    };

    private string[] Files(RunFolder run)
    {
        string[] top = !options.BestOnly && Directory.Exists(run.Checkpoints)
            ? [.. Directory.EnumerateFiles(run.Checkpoints, "epoch-*.safetensors").Order(StringComparer.Ordinal)]
            : [];
        return top.Length > 0 ? top : File.Exists(run.Best) ? [run.Best] : throw new RefusalException($"The run {run.Name} has no weights yet; train it first.");
    }

    private FlatModel Load(Architecture architecture, string file)
    {
        var (weights, report) = ModelWeights.Load(architecture, file, _recipe.Seed);
        using (weights)
        {
            return report.NewClassifier.IsEmpty
                ? FlatModel.Create(architecture, weights, device, _recipe.ChannelsLast, learns: false)
                : throw new RefusalException($"{file} was trained for another number of classes than the {data.Classes.Length} of {data.Name}; a soup is of one number of classes.");
        }
    }

    // Ingredients must be one architecture, and none may have learnt from images that the soup is judged on.
    private static Recipe Common(IReadOnlyList<RunFolder> runs, DataSet data)
    {
        var first = runs.Count > 0 ? runs[0].Read() : throw new RefusalException("A soup needs runs; name them by --run.");
        foreach (var run in runs)
        {
            var recipe = run.Read();
            if (recipe.Data.Folds > 0)
            {
                throw new RefusalException($"The run {run.Name} has folds, and each fold learnt from the others' validation images; make a soup of runs with one split.");
            }

            Same(run, "architecture", first.Architecture, recipe.Architecture);
            Same(run, "image_size", first.ImageSize, recipe.ImageSize);
            Same(run, "preparation", JsonSerializer.Serialize(first.Preparation, RecipeFile.Json), JsonSerializer.Serialize(recipe.Preparation, RecipeFile.Json));
            if (data.Validation.IsEmpty)
            {
                Same(run, "data.validation", first.Data.Validation, recipe.Data.Validation);
                Same(run, "data.split_seed (or seed)", first.Data.SplitSeed ?? first.Seed, recipe.Data.SplitSeed ?? recipe.Seed);
            }
        }

        return first;

        void Same<T>(RunFolder run, string key, T expected, T found)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, found))
            {
                throw new RefusalException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The run {run.Name} has {key} {found?.ToString() ?? "null"} and {runs[0].Name} has {expected?.ToString() ?? "null"}; a soup is of runs with the same architecture, images and split."));
            }
        }
    }
}
