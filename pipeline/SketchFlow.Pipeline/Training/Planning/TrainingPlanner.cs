using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights.Hub;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training.Planning;

/// <summary>Plans a training: everything that training would resolve, and three timed steps. Writes and downloads nothing.</summary>
/// <param name="data">The images.</param>
/// <param name="context">Device and progress display.</param>
public sealed class TrainingPlanner(DataSet data, JobContext context)
{
    private const int TimedSteps = 3;

    /// <summary>Plans a training.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="folder">The folder that the run would have.</param>
    /// <param name="choice">Sentences that say which recipe was chosen and why.</param>
    /// <param name="changes">The settings that the user gave.</param>
    /// <param name="cancellation">Stops the timed steps.</param>
    /// <exception cref="Data.Outcomes.RefusalException">Training would be refused; the message states the remedy.</exception>
    public TrainingPlan Plan(Recipe recipe, RunFolder folder, IEnumerable<string> choice, IEnumerable<string> changes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var shown = FirstFold(recipe);
        var notes = ImmutableArray.CreateBuilder<string>();
        var (loaded, weights) = FindWeights(shown);
        var quiet = context with { Log = notes.Add };
        var setup = new TrainingSetup(loaded, data, quiet);
        ImmutableArray<string> splitNotes = [.. notes];
        setup.Check();
        notes.Clear();
        ComputeThreads.Count = recipe.Threads > 0 ? recipe.Threads : ComputeThreads.Default;
        using var bar = context.Progress("timing three steps", 0, "");
        using var learner = setup.CreateLearner(loadWeights: true);
        var timing = StepTiming.Measure(setup, learner, TimedSteps, cancellation);
        var precision = setup.Precision == ComputePrecision.Float32 ? "float32" : $"autocast {setup.Precision}";
        return new TrainingPlan
        {
            Recipe = shown,
            Data = data,
            Folder = folder,
            Choice = [.. choice],
            Changes = [.. changes],
            SplitNotes = splitNotes,
            Weights = notes.Count > 0 ? string.Join(' ', notes).Replace("weights from ", "", StringComparison.Ordinal) : weights,
            Model = $"{setup.Architecture}, {precision} on {context.Device}, {Plural.Of(ComputeThreads.Count, "thread")}",
            Train = setup.Train.Count,
            Validation = setup.Validation.Count,
            Parameters = setup.Architecture.Parameters,
            Schedule = setup.ComputeSchedule(),
            Memory = MemoryEstimate.Create(shown, setup.Architecture, learner, setup.Precision),
            Timing = timing,
            Trainings = recipe.Data is { Folds: > 0, Fold: null } ? recipe.Data.Folds : 1,
            Epochs = TrainingProgress.LastEpoch(recipe),
        };
    }

    /// <summary>Returns the recipe of the first fold, which stands for all: they have the same plan and about as many images.</summary>
    public static Recipe FirstFold(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Data is { Folds: > 0, Fold: null } ? recipe with { Data = recipe.Data with { Fold = 0 } } : recipe;
    }

    // Weights that are not in the cache are not downloaded: the steps take as long with random ones.
    private static (Recipe Recipe, string Description) FindWeights(Recipe recipe)
    {
        if (recipe.Weights is not null || recipe.Pretrained is not { } name)
        {
            return (recipe, "random initialisation; no weights are loaded");
        }

        var tag = name == TagPreprocessing.Auto ? Pretrained.TagsFor(recipe.Architecture).FirstOrDefault() : Pretrained.Resolve(recipe.Architecture, name);
        if (tag is null)
        {
            return (recipe with { Pretrained = null }, $"random initialisation: timm has no pretrained weights for {recipe.Architecture}");
        }

        using var hub = new HubClient(HubSettings.FromEnvironment());
        return hub.FindCached(tag) is { } cached
            ? (recipe with { Pretrained = null, Weights = cached.Path }, $"{tag.FullName}")
            : (recipe with { Pretrained = null }, $"{tag.FullName}, which training downloads first; all but the classifier is loaded from it");
    }
}
