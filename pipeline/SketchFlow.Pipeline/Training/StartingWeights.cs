using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights.Hub;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training;

/// <summary>What a training run starts from: a file, timm's weights of a tag, or fresh ones.</summary>
public static class StartingWeights
{
    /// <summary>Fetches what the recipe names, before anything else is done, and writes the choice down in the recipe.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="log">Takes a line for people.</param>
    /// <param name="cancellation">Stops a download; what has come is resumed next time.</param>
    /// <returns>The recipe, whose <see cref="Recipe.Pretrained"/> is now a whole name or null.</returns>
    /// <exception cref="RefusalException">The weights are not to be had; the sentence says what to do.</exception>
    public static Recipe Resolve(Recipe recipe, Action<string> log, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(log);
        if (recipe.Weights is not null || recipe.Pretrained is not { } name)
        {
            return recipe;
        }

        if (name != TagPreprocessing.Auto)
        {
            var tag = Pretrained.Resolve(recipe.Architecture, name);
            Fetch(tag, refresh: false, log, cancellation);
            return recipe with { Pretrained = tag.FullName };
        }

        if (Pretrained.TagsFor(recipe.Architecture) is not [var usual, ..])
        {
            log($"timm has no pretrained weights for {recipe.Architecture}; it starts fresh.");
            return recipe with { Pretrained = null };
        }

        try
        {
            Fetch(usual, refresh: false, log, cancellation);
            return recipe with { Pretrained = usual.FullName };
        }
        catch (RefusalException e)
        {
            log($"{recipe.Architecture} starts fresh: {e.Message}");
            return recipe with { Pretrained = null };
        }
    }

    /// <summary>The file to start from; null starts fresh. What <see cref="Resolve"/> fetched is found in the cache.</summary>
    public static string? Find(Recipe recipe, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Weights ?? (Resolve(recipe, log, CancellationToken.None).Pretrained is { } name
            ? Fetch(Pretrained.Resolve(recipe.Architecture, name), refresh: false, log, CancellationToken.None).Path
            : null);
    }

    /// <summary>The weights of a tag, from the cache or the hub, with progress.</summary>
    public static HubFile Fetch(PretrainedTag tag, bool refresh, Action<string> log, CancellationToken cancellation)
    {
        Progress? bar = null;
        var shown = "";
        try
        {
            using var hub = new HubClient(HubSettings.FromEnvironment())
            {
                Log = log,
                Progress = (title, done, all) =>
                {
                    if (bar is null || shown != title)
                    {
                        bar?.Dispose();
                        (bar, shown) = (Progress.Open(title, Math.Max(1, all >> 20), "MiB", from: done >> 20), title);
                    }

                    bar.Report(done >> 20);
                },
            };
            var file = hub.Fetch(tag, refresh, cancellation).GetAwaiter().GetResult();
            if (file.Downloaded > 0)
            {
                log($"{file.Repository}: {file.Bytes / 1e6:0.0} MB, check sum right; kept as {file.Path}");
            }

            return file;
        }
        finally
        {
            bar?.Dispose();
        }
    }
}
