using System.Security.Cryptography;
using System.Text;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>One setting of a study with one seed: a name and the whole recipe that it stands for.</summary>
/// <param name="Name">As people read it, such as <c>label smoothing 0.1</c>.</param>
/// <param name="Recipe">What is trained.</param>
/// <param name="Says">What the name leaves open, such as the size of a model or the keys that a change sets; empty where there is nothing to say.</param>
public sealed record StudySetting(string Name, Recipe Recipe, string Says = "")
{
    /// <summary>Of the whole recipe: another number of epochs, seed, image size or data set is another training. A description is not.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RecipeFile.Write(Recipe with { Description = "" }))))[..16];

    /// <summary>The setting with each of the seeds, validated on the images that the recipe as it is would hold out; all settings with the first seed come first. Without seeds, as they are.</summary>
    public static IReadOnlyList<StudySetting> WithSeeds(IReadOnlyList<StudySetting> settings, IReadOnlyList<long> seeds) =>
        seeds.Count == 0 ? settings : [.. seeds.SelectMany(seed => settings.Select(s => s with { Recipe = WithSeed(s.Recipe, seed) }))];

    // With its own seed a recipe stays as it is: what a study of one seed trained is not trained again.
    private static Recipe WithSeed(Recipe recipe, long seed) =>
        seed == recipe.Seed ? recipe : recipe with { Seed = seed, Data = recipe.Data with { SplitSeed = recipe.Data.SplitSeed ?? recipe.Seed } };

    /// <summary>The name as a part of a run's: letters, digits, dots and hyphens.</summary>
    public string RunPart => string.Join('-', string.Concat(Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } part ? part : "setting";
}
