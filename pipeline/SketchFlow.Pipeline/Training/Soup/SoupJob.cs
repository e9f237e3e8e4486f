using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Description;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>Averages the weights of checkpoints (model soup): checkpoints ─> mean of weights ─> statistics ─> validation ─> a run for predict.</summary>
/// <param name="options">The method and the treatment of batch-norm statistics.</param>
/// <param name="runs">
/// Runs of one architecture, validated on the same images; the recipe and the class numbers of the first one become those of the soup.
/// </param>
/// <param name="data">The images.</param>
/// <param name="context">Device and log.</param>
public sealed class SoupJob(SoupOptions options, IReadOnlyList<RunFolder> runs, DataSet data, JobContext context)
{
    private readonly Recipe _recipe = ReadCommonRecipe(runs, data);
    private readonly DataSet _data = InClassOrderOfFirst(runs, data);

    /// <summary>Called when the soup is ready, before the first file is written.</summary>
    internal Action Starting { get; init; } = () => { };

    /// <summary>Creates the soup and writes it as a run.</summary>
    /// <param name="target">The folder of the new run.</param>
    /// <param name="cancellation">Stops the job; nothing is written.</param>
    /// <exception cref="RefusalException">There are fewer than two files, or they do not match each other.</exception>
    public SoupResult Run(RunFolder target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        var split = FindRows();
        var (result, temperature) = Mix(split, cancellation, out var model);
        using (model)
        {
            var kind = options.Kind.ToString();
            var recipe = _recipe with { Description = $"A {kind.ToLowerInvariant()} soup of {string.Join(", ", runs.Select(r => r.Name))}." };
            var statistics = NormStatistics.AreIn(model.Architecture) ? options.Statistics.ToString() : "none";
            var rows = RunSplit.From(_data, split.Train, split.Validation);
            var store = new RunStore(target, recipe, _data)
            {
                Identity = new RunIdentity
                {
                    Classes = _data.Classes,
                    Preprocessing = ImageFlow.DescribePreprocessing(recipe, model.Architecture),
                    DataSet = data.Name,
                    DataSetFingerprint = DataSetFingerprint.Compute(data),
                    RowsFingerprint = rows.Fingerprint,
                    Temperature = temperature,
                },
            };
            Starting();
            store.WriteRows(rows);
            store.WriteSoup(model, result.Metrics, new SoupManifest(kind, statistics, options.Batches, result.Ingredients));
        }

        return result;
    }

    private (SoupResult Result, double? Temperature) Mix(
        (ImmutableArray<Sample> Train, ImmutableArray<Sample> Validation) split, CancellationToken cancellation, out FlatModel soup)
    {
        // Statistics are recalibrated without dropout; the tensors are the same.
        var architecture = RecipeModel.Build(_recipe with { Model = _recipe.Model with { DropPath = 0, Dropout = 0 } }, _data.Classes.Length);
        var files = runs.SelectMany(r => FindFiles(r).Select(f => (Run: r.Name, File: f))).ToList();
        if (files.Count < 2)
        {
            throw new RefusalException(
                $"A soup needs at least two sets of weights, found {files.Count} in {string.Join(", ", runs.Select(r => r.Name))}; "
                + "name more runs, or train with --set checkpoints.top=3.");
        }

        if (options.Statistics != SoupStatistics.Average)
        {
            TrainingChecks.CheckBatchNorms(architecture, Math.Min(_recipe.BatchSize, split.Train.Length), accumulation: 1);
        }

        var precision = MixedPrecision.Resolve(_recipe.Amp, context.Device);
        var validation = new ValidationLoop(_recipe, architecture, precision, split.Validation, ImageCache.Create(_recipe.Data.CacheMegabytes));
        var model = Load(architecture, files[0].File);
        try
        {
            var tried = MeasureAlone(model, files, validation, cancellation);
            var kept = Select(model, tried, Measure, cancellation, out var mean);
            using (mean)
            {
                if (kept.Count == 1)
                {
                    // A single set of weights keeps its own statistics.
                    using var only = Load(architecture, tried[kept.Single()].Ingredient.File);
                    model.CopyFrom(only);
                }
                else
                {
                    mean.Into(model);
                    Recalibrate(model, precision, split.Train, cancellation);
                }
            }

            var measured = validation.Measure(model, _ => { }, cancellation);
            soup = model;
            return (
                new SoupResult([.. tried.Select((t, i) => t.Ingredient with { Kept = kept.Contains(i) })], ToMetrics(measured.Report, 1)),
                measured.FitTemperature());
        }
        catch
        {
            model.Dispose();
            throw;
        }

        EpochMetrics Measure()
        {
            Recalibrate(model, precision, split.Train, cancellation);
            return ToMetrics(validation.Measure(model, _ => { }, cancellation).Report, 1);
        }
    }

    // Measures each set of weights alone; the epoch of its row is its position in the list, from 1.
    private List<(SoupIngredient Ingredient, EpochMetrics Row)> MeasureAlone(
        FlatModel model, List<(string Run, string File)> files, ValidationLoop validation, CancellationToken cancellation)
    {
        var tried = new List<(SoupIngredient Ingredient, EpochMetrics Row)>();
        foreach (var (run, file) in files)
        {
            using (var weights = Load(model.Architecture, file))
            {
                model.CopyFrom(weights);
            }

            using var bar = context.Progress($"measuring {run} {Path.GetFileName(file)}, {tried.Count + 1} of {files.Count}", 0, "");
            var row = ToMetrics(validation.Measure(model, _ => { }, cancellation).Report, tried.Count + 1);
            tried.Add((new SoupIngredient(run, file, FileHash.Sha256(file), row.ValidationAccuracy, row.ValidationLoss, Kept: false), row));
            context.Log($"{run} {Path.GetFileName(file)}: accuracy {Percent.Text(row.ValidationAccuracy)}, loss {row.ValidationLoss:0.0000}");
        }

        return tried;
    }

    // Selects the ingredients, from best to worst: all of them, or greedily those with which the mean is not worse.
    private HashSet<int> Select(
        FlatModel model,
        List<(SoupIngredient Ingredient, EpochMetrics Row)> tried,
        Func<EpochMetrics> measure,
        CancellationToken cancellation,
        out WeightAverage mean)
    {
        // Identical weights, such as a best epoch that is also among the top checkpoints, count once.
        var ranking = new EpochRanking(_recipe.Stopping.Metric);
        var order = ranking.Sort(tried.DistinctBy(t => t.Ingredient.Sha256).Select(t => t.Row)).Where(ranking.CanBeBest).Select(r => r.Epoch - 1).ToList();
        foreach (var (ingredient, _) in tried.Where(t => !ranking.CanBeBest(t.Row)))
        {
            context.Log($"{ingredient.Run} {Path.GetFileName(ingredient.File)} is left out: its validation loss is not finite.");
        }

        if (order.Count == 0)
        {
            throw new RefusalException("No ingredient of the soup has a finite validation loss; name other runs.");
        }

        mean = new WeightAverage();
        var kept = new HashSet<int>();
        EpochMetrics? best = null;
        foreach (var index in order)
        {
            cancellation.ThrowIfCancellationRequested();
            var (ingredient, alone) = tried[index];
            using var weights = Load(model.Architecture, ingredient.File);
            if (options.Kind == SoupKind.Uniform || mean.Count == 0)
            {
                mean.Add(weights);
                kept.Add(index);
                best = alone;
                continue;
            }

            mean.Into(model, with: weights);
            using var bar = context.Progress($"measuring the average with {ingredient.Run} {Path.GetFileName(ingredient.File)}", 0, "");
            var row = measure();
            var isKept = ranking.Score(row) >= ranking.Score(best!);
            context.Log(
                $"with {ingredient.Run} {Path.GetFileName(ingredient.File)}: accuracy {Percent.Text(row.ValidationAccuracy)}, "
                + $"loss {row.ValidationLoss:0.0000}; {(isKept ? "kept" : NotKept(row, best!))}");
            if (isKept)
            {
                mean.Add(weights);
                kept.Add(index);
                best = row;
            }
        }

        return kept;
    }

    // Names the metric that decides, where the other one improved.
    private string NotKept(EpochMetrics row, EpochMetrics best)
    {
        var isByAccuracy = _recipe.Stopping.Metric == ValidationMetric.Accuracy;
        var otherImproved = isByAccuracy ? row.ValidationLoss < best.ValidationLoss : row.ValidationAccuracy > best.ValidationAccuracy;
        return otherImproved ? $"not kept, judged by {(isByAccuracy ? "accuracy" : "loss")}" : "not kept";
    }

    private void Recalibrate(FlatModel model, ComputePrecision precision, IReadOnlyList<Sample> train, CancellationToken cancellation)
    {
        var architecture = model.Architecture;
        if (options.Statistics == SoupStatistics.Average || !NormStatistics.AreIn(architecture))
        {
            return;
        }

        var statistics = new NormStatistics(model, architecture.Preprocessing, precision);
        var samples = EpochShuffle.Shuffle(train, _recipe.Seed, 0).Take(options.Batches * _recipe.BatchSize).ToList();
        var flow = ImageFlow.Options(_recipe, architecture) with { LastBatch = samples.Count >= _recipe.BatchSize ? LastBatch.Drop : LastBatch.Keep };
        ImageFlow.Batches(flow, samples).Run(statistics.Add, _ => { }, cancellation);
    }

    private static EpochMetrics ToMetrics(ClassificationReport report, int epoch) => new()
    {
        Epoch = epoch,
        ValidationLoss = report.LogLoss,
        ValidationAccuracy = report.Accuracy,
        ValidationTop5 = report.TopK,
        ValidationMacroF1 = report.MacroF1,
        Recall = [.. report.PerClass.Select(c => c.Recall)],
    };

    private string[] FindFiles(RunFolder run)
    {
        string[] top = !options.BestOnly && Directory.Exists(run.Checkpoints)
            ? [.. Directory.EnumerateFiles(run.Checkpoints, "epoch-*.safetensors").Order(StringComparer.Ordinal)]
            : [];
        return top.Length > 0 ? top
            : File.Exists(run.Best) ? [run.Best]
            : throw new RefusalException($"The run {run.Name} has no weights yet; train it first.");
    }

    private FlatModel Load(Architecture architecture, string file)
    {
        var (model, report) = FlatModel.Load(architecture, file, _recipe.Seed, context.Device, _recipe.ChannelsLast, learns: false);
        if (!report.NewClassifier.IsEmpty)
        {
            model.Dispose();
            throw new RefusalException(
                $"{file} was trained for another number of classes than the {_data.Classes.Length} of {_data.Name}; "
                + "all ingredients of a soup must have the same classes.");
        }

        using var opened = WeightsFile.Open(file);
        if (RunIdentity.From(opened.Metadata, file).Classes is { IsEmpty: false } classes
            && ClassMapping.Between(classes, _data.Classes, file, $"the run {runs[0].Name}", "All ingredients of a soup must have the same classes.")
                is { IsIdentity: false } mapping)
        {
            context.Log($"{file} numbers the same classes in another order; its classifier is reordered by name.");
            model.ReorderClasses(mapping.Sources);
        }

        return model;
    }

    // Older runs did not keep their class names in the order of the data set that is given now.
    private static DataSet InClassOrderOfFirst(IReadOnlyList<RunFolder> runs, DataSet data) =>
        File.Exists(runs[0].Best) && RunIdentity.Read(runs[0]).Classes is { IsEmpty: false } classes
            ? data.WithClassOrder(classes, $"the run {runs[0].Name}")
            : data;

    // Returns the rows of the first run; no ingredient may have been trained on its validation rows.
    private (ImmutableArray<Sample> Train, ImmutableArray<Sample> Validation) FindRows()
    {
        if (RunSplit.Read(runs[0]) is not { } first)
        {
            var heldOut = HeldOutRows.Find(runs[0], _data);
            heldOut.Notes.ToList().ForEach(context.Log);
            return ([.. DataSource.Split(_data, _recipe).Train], RequireRows(heldOut.Samples));
        }

        var measured = first.Validation.Select(r => (r.Table, r.ImagePath)).ToHashSet();
        foreach (var run in runs.Skip(1))
        {
            if (RunSplit.Read(run)?.Train.Count(r => measured.Contains((r.Table, r.ImagePath))) is > 0 and var shared)
            {
                throw new RefusalException(
                    $"{shared} validation images of {runs[0].Name} were training images of {run.Name}, so that the soup could not be measured; "
                    + "make a soup of runs that have the same data and data.split_seed.");
            }
        }

        var located = first.Locate(_data);
        located.Describe(runs[0].Name, _data.Name).ToList().ForEach(context.Log);
        return (located.Train, RequireRows(located.Validation));

        ImmutableArray<Sample> RequireRows(ImmutableArray<Sample> rows) => !rows.IsEmpty ? rows
            : throw new RefusalException(
                $"{_data.Name} has no validation image of {runs[0].Name}; give the data set that the run was trained on with --data.");
    }

    // All ingredients must have one architecture, and none may have been trained on images that the soup is validated on.
    private static Recipe ReadCommonRecipe(IReadOnlyList<RunFolder> runs, DataSet data)
    {
        var first = runs.Count > 0 ? runs[0].Read() : throw new RefusalException("A soup needs runs; name them with --run.");
        foreach (var run in runs)
        {
            var recipe = run.Read();
            if (recipe.Data.Folds > 0)
            {
                throw new RefusalException(
                    $"The run {run.Name} has folds, and each fold was trained on the validation images of the others; make a soup of runs with one split.");
            }

            RequireEqual(run, "architecture", first.Architecture, recipe.Architecture);
            RequireEqual(run, "image_size", first.ImageSize, recipe.ImageSize);
            RequireEqual(
                run, "preparation",
                JsonSerializer.Serialize(first.Preparation, RecipeFile.Json), JsonSerializer.Serialize(recipe.Preparation, RecipeFile.Json));
            if (data.Validation.IsEmpty)
            {
                RequireEqual(run, "data.validation", first.Data.Validation, recipe.Data.Validation);
                RequireEqual(run, "data.split_method", first.Data.SplitMethod, recipe.Data.SplitMethod);
                RequireEqual(run, "data.group", first.Data.Group, recipe.Data.Group);
                RequireEqual(run, "data.split_seed (or seed)", first.Data.SplitSeed ?? first.Seed, recipe.Data.SplitSeed ?? recipe.Seed);
            }
        }

        return first;

        void RequireEqual<T>(RunFolder run, string key, T expected, T found)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, found))
            {
                throw new RefusalException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The run {run.Name} has {key} {found?.ToString() ?? "null"} and {runs[0].Name} has {expected?.ToString() ?? "null"}; "
                    + $"all runs of a soup must have the same architecture, images and split."));
            }
        }
    }
}
