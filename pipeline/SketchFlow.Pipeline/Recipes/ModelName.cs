using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Resolves the value of <c>--model</c>: a recipe file, a recipe, a family, or a timm architecture.</summary>
public static class ModelName
{
    /// <summary>Finds the recipe that a model's name means.</summary>
    /// <param name="name">
    /// A path to a YAML file; a recipe's name; a family (<c>convnext</c>), which resolves by device; an architecture; or an architecture with one
    /// of timm's pretrained tags (<c>resnet18.a1_in1k</c>, also with the prefix <c>timm/</c> or <c>hf-hub:timm/</c>).
    /// </param>
    /// <param name="cuda">Whether the run will be on a GPU.</param>
    /// <param name="pretrained">Whether pretrained weights are requested: an architecture is then fine-tuned instead of trained from new weights.</param>
    /// <param name="weights">File of the weights to start from, for which an architecture is fine-tuned too; null for none.</param>
    /// <returns>The file, the overrides to apply to it, the short name of runs, and a sentence, without its full stop, that names the recipe.</returns>
    /// <exception cref="RefusalException">Nothing has that name; the message lists similar names.</exception>
    public static (string File, string[] Set, string Name, string Sentence) Resolve(string name, bool cuda, bool pretrained = false, string? weights = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var isFile = name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase);
        if (!isFile && name.Contains('.', StringComparison.Ordinal) && !File.Exists(name) && WithTag(name) is { } tagged)
        {
            return tagged;
        }

        if (isFile || name.Contains('/', StringComparison.Ordinal))
        {
            return (Path.GetFullPath(name), [], Path.GetFileNameWithoutExtension(name), $"Recipe file: {name}");
        }

        if ((Zoo.FindShortName(name) ?? Alias(name)) is { } recipes)
        {
            var recipe = recipes.On(cuda);
            return (PathOf(recipe), [], recipe, $"On a {(cuda ? "GPU" : "CPU")}, {name} means recipe {recipe}");
        }

        var isFineTuned = pretrained || weights is not null;
        if (isFineTuned && Zoo.Names.Contains(name) && !(File.Exists(PathOf(name)) && RecipeFile.Load(PathOf(name), []).Pretrained is not null))
        {
            var tuning = FineTuning(name);
            // A recipe for fine-tuning names timm's weights, which not every architecture has.
            string[] without = weights is not null && Pretrained.TagsFor(name).IsEmpty ? [RecipeOverride.Create("pretrained", (JsonNode?)null)] : [];
            return (
                PathOf(tuning), [RecipeOverride.Create("architecture", name), .. without], name,
                $"Architecture: {name}, fine-tuned from {weights ?? "timm's weights"} with the settings of recipe {tuning}");
        }

        if (File.Exists(PathOf(name)))
        {
            return (PathOf(name), [], name, $"Recipe: {name}");
        }

        var architecture = Zoo.Build(name, new ModelOptions()).Name; // Refuses unknown names and suggests similar ones.
        var settings = Zoo.FamilyOf(architecture).RecipeFor(architecture).On(cuda);
        return (
            PathOf(settings), [RecipeOverride.Create("architecture", architecture)], architecture,
            $"Architecture: {name}, with the settings of recipe {settings}");
    }

    /// <summary>Finds the recipe that <c>--recipe</c> names, and gives it the architecture of <c>--model</c>.</summary>
    /// <param name="recipe">A recipe's name or a path to a YAML file.</param>
    /// <param name="model">The model as in <see cref="Resolve"/>; null keeps the recipe's architecture.</param>
    /// <param name="cuda">Whether the run will be on a GPU.</param>
    /// <inheritdoc cref="Resolve"/>
    public static (string File, string[] Set, string Name, string Sentence) ResolveRecipe(string recipe, string? model, bool cuda)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var isFile = recipe.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || recipe.Contains('/', StringComparison.Ordinal);
        var (file, name) = isFile ? (Path.GetFullPath(recipe), Path.GetFileNameWithoutExtension(recipe)) : (FindRecipe(recipe), recipe);
        if (model is null)
        {
            return (file, [], name, isFile ? $"Recipe file: {recipe}" : $"Recipe: {recipe}");
        }

        var (from, own, _, _) = Resolve(model, cuda);
        var (chosen, based) = (RecipeFile.Load(from, own), RecipeFile.Load(file, []));
        var weights = own.FirstOrDefault(set => set.StartsWith("pretrained=", StringComparison.Ordinal));
        if (weights is null && chosen.Architecture != based.Architecture && based.Pretrained is not (null or TagPreprocessing.Auto))
        {
            // The recipe's tag is one of its own architecture.
            weights = Pretrained.TagsFor(chosen.Architecture).IsEmpty
                ? RecipeOverride.Create("pretrained", (JsonNode?)null)
                : RecipeOverride.Create("pretrained", "default");
        }

        return (
            file, [RecipeOverride.Create("architecture", chosen.Architecture), .. weights is null ? Array.Empty<string>() : [weights]], chosen.Architecture,
            $"Recipe: {recipe}, with architecture {chosen.Architecture}");
    }

    private static string FindRecipe(string name) => RecipeFile.TryFind(name) ?? (Zoo.Names.Contains(name)
        ? throw new RefusalException(
            $"There is no recipe {name}, but an architecture of that name: use --model {name}, which chooses a recipe, or --recipe NAME --model {name}.")
        : RecipeFile.Find(name));

    private static (string File, string[] Set, string Name, string Sentence)? WithTag(string name)
    {
        var tag = Pretrained.Find(name);
        if (tag is null)
        {
            var bare = name.Split('/')[^1];
            var dot = bare.IndexOf('.', StringComparison.Ordinal);
            return dot > 0 && Zoo.Names.Contains(bare[..dot]) ? throw Unknown(bare[..dot], bare[(dot + 1)..]) : null;
        }

        Zoo.Build(tag.Model); // Refuses architectures of timm that the zoo does not have.
        var own = RecipeFile.Names.Select(recipe => (Name: recipe, Recipe: RecipeFile.Load(PathOf(recipe), [])))
            .FirstOrDefault(r => r.Recipe.Pretrained is not (null or TagPreprocessing.Auto) && r.Recipe.Architecture == tag.Model).Name
            ?? FineTuning(tag.Model);
        return (
            PathOf(own), [RecipeOverride.Create("architecture", tag.Model), RecipeOverride.Create("pretrained", tag.FullName)], tag.Model,
            $"Weights: {tag} from {tag.Repository}, fine-tuned with the settings of recipe {own}");
    }

    /// <summary>Returns the recipes of an alias in models.yaml, or null if there is none of this name.</summary>
    private static DefaultRecipe? Alias(string name) => Models()["aliases"]![name] is JsonObject row
        ? new(row["cpu"]!.GetValue<string>(), row["cuda"]!.GetValue<string>())
        : null;

    /// <summary>Returns the recipe whose settings fine-tune an architecture.</summary>
    private static string FineTuning(string architecture)
    {
        var rules = Models()["pretrained"]!.AsObject();
        var large = Zoo.Build(architecture).Parameters >= rules["large_parameters"]!.GetValue<long>()
            || Zoo.FamilyOf(architecture).FineTunesAsLargeFor(architecture);
        return rules[large ? "large" : "recipe"]!.GetValue<string>();
    }

    private static JsonObject Models() => (JsonObject)YamlJson.ReadFile(Path.Combine(RecipeFile.Folder, "models.yaml"))!;

    private static RefusalException Unknown(string model, string tag)
    {
        try
        {
            Pretrained.Resolve(model, tag);
            return new RefusalException($"timm has no weights '{tag}' for {model}; sketchflow models info {model} lists its tags.");
        }
        catch (RefusalException e)
        {
            return e;
        }
    }

    private static string PathOf(string recipe) => RecipeFile.TryFind(recipe) ?? Path.Combine(RecipeFile.Folder, $"{recipe}.yaml");
}
