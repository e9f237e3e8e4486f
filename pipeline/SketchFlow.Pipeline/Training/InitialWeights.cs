using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights.Hub;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>Selects and downloads the weights that training starts from: a file, timm's weights of a tag, or none (random initialisation).</summary>
public static class InitialWeights
{
    /// <summary>Downloads the pretrained weights that the recipe names, and resolves their name.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="context">Log and progress display.</param>
    /// <param name="cancellation">Stops a download, which resumes at the next attempt.</param>
    /// <returns>The recipe; its <see cref="Recipe.Pretrained"/> is now a full name, or null.</returns>
    /// <exception cref="RefusalException">The weights are not available; the message states the remedy.</exception>
    public static Recipe Resolve(Recipe recipe, JobContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(context);
        if (recipe.Weights is not null || recipe.Pretrained is not { } name)
        {
            return recipe;
        }

        if (name != TagPreprocessing.Auto)
        {
            var tag = Pretrained.Resolve(recipe.Architecture, name);
            Fetch(tag, refresh: false, context.Log, context.Progress, cancellation);
            return recipe with { Pretrained = tag.FullName };
        }

        if (Pretrained.TagsFor(recipe.Architecture) is not [var usual, ..])
        {
            context.Log($"timm has no pretrained weights for {recipe.Architecture}; training starts from random weights.");
            return recipe with { Pretrained = null };
        }

        try
        {
            Fetch(usual, refresh: false, context.Log, context.Progress, cancellation);
            return recipe with { Pretrained = usual.FullName };
        }
        catch (RefusalException e)
        {
            context.Log($"Training {recipe.Architecture} from random weights: {e.Message}");
            return recipe with { Pretrained = null };
        }
    }

    /// <summary>Finds the file of the initial weights, in the cache if <see cref="Resolve"/> downloaded it; null for random initialisation.</summary>
    public static string? Find(Recipe recipe, JobContext context)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Weights ?? (Resolve(recipe, context, CancellationToken.None).Pretrained is { } name
            ? Fetch(Pretrained.Resolve(recipe.Architecture, name), refresh: false, context.Log, context.Progress, CancellationToken.None).Path
            : null);
    }

    /// <summary>Gets the weights of a tag from the cache or the hub.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="refresh">Ask the hub for a newer version even if the cache has one.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops a download, which resumes at the next attempt.</param>
    /// <param name="alternative">Advice where the weights are not available, as imperatives; null is that for training.</param>
    /// <exception cref="RefusalException">The weights are not available; the message states the remedy.</exception>
    public static HubFile Fetch(
        PretrainedTag tag, bool refresh, Action<string> log, ProgressBarFactory progress, CancellationToken cancellation, string? alternative = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(progress);
        IProgressBar? bar = null;
        var shown = "";
        try
        {
            using var hub = new HubClient(HubSettings.FromEnvironment())
            {
                Alternative = alternative ?? HubClient.TrainingAlternative,
                Log = log,
                Progress = (title, done, all) =>
                {
                    if (bar is null || shown != title)
                    {
                        bar?.Dispose();
                        (bar, shown) = (progress(title, Math.Max(1, all >> 20), "MiB", from: done >> 20), title);
                    }

                    bar.Report(done >> 20);
                },
            };
            var file = hub.Fetch(tag, refresh, cancellation).GetAwaiter().GetResult();
            if (file.Downloaded > 0)
            {
                log($"{file.Repository}: {file.Bytes / 1e6:0.0} MB, checksum verified; saved as {file.Path}");
            }

            return file;
        }
        finally
        {
            bar?.Dispose();
        }
    }
}
