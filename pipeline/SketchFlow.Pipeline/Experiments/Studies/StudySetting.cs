using System.Security.Cryptography;
using System.Text;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>One setting of a study with one seed: a name and its complete recipe.</summary>
/// <param name="Name">Human-readable name, such as <c>label smoothing 0.1</c>.</param>
/// <param name="Recipe">Recipe to train.</param>
/// <param name="Detail">Description in addition to the name, such as the size of a model or the keys that a change sets; may be empty.</param>
public sealed record StudySetting(string Name, Recipe Recipe, string Detail = "")
{
    /// <summary>
    /// Fingerprint of the values of all keys but the description: a change of epochs, seed, image size or data set makes a different training. It depends on
    /// the keys that a version of the program has; see <see cref="IsRecipeOf"/> for trainings of other versions.
    /// </summary>
    public string Fingerprint
    {
        get
        {
            var values = string.Concat(RecipeKeys.Flatten(Recipe with { Description = "" }).Select(p => $"{p.Key}={p.Value}\n"));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(values)))[..16];
        }
    }

    /// <summary>
    /// Whether a run was started with the recipe of this setting. The run keeps the number of threads and the normalisation that its start determined; where
    /// the setting leaves them open, they may have any value.
    /// </summary>
    /// <param name="stored">The recipe of the run, which any version of the program wrote.</param>
    public bool IsRecipeOf(Recipe stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var (own, other) = (Recipe.Preparation, stored.Preparation);
        return Fingerprint == (this with
        {
            Recipe = stored with
            {
                Threads = Recipe.Threads == 0 ? 0 : stored.Threads,
                Preparation = own is { Normalization: Normalization.DataSet, Mean: null } ? other with { Mean = own.Mean, Std = own.Std } : other,
            },
        }).Fingerprint;
    }

    /// <summary>The name as a part of a run name: letters, digits, dots, underscores and hyphens.</summary>
    public string RunPart
    {
        get
        {
            var safe = string.Concat(Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'));
            return string.Join('-', safe.Split('-', StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } part ? part : "setting";
        }
    }

    /// <summary>Repeats the settings with each seed, in the order of the seeds; all validate on the images that the unchanged recipe holds out.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="seeds">The seeds; none returns the settings unchanged.</param>
    public static IReadOnlyList<StudySetting> WithSeeds(IReadOnlyList<StudySetting> settings, IReadOnlyList<long> seeds) =>
        seeds.Count == 0 ? settings : [.. seeds.SelectMany(seed => settings.Select(s => s with { Recipe = WithSeed(s.Recipe, seed) }))];

    // A recipe keeps its own seed unchanged, so that the trainings of a study with one seed are reused.
    private static Recipe WithSeed(Recipe recipe, long seed) =>
        seed == recipe.Seed ? recipe : recipe with { Seed = seed, Data = recipe.Data with { SplitSeed = recipe.Data.SplitSeed ?? recipe.Seed } };
}
