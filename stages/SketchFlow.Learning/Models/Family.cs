using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>Architectures of one kind: their timm names, a function that declares each, and the recipes that train them by default.</summary>
public sealed record Family
{
    private readonly Func<string, ModelOptions, Architecture> _declare;

    private Family(string name, ImmutableArray<string> models, Func<string, ModelOptions, Architecture> declare) =>
        (Name, Models, _declare) = (name, models, declare);

    /// <summary>Name of the family, such as <c>ConvNeXt</c>.</summary>
    public string Name { get; }

    /// <summary>timm's architecture names, in the family's order.</summary>
    public ImmutableArray<string> Models { get; }

    /// <summary>Position of the family in lists of all architectures; families without one come last, in alphabetical order.</summary>
    public int Order { get; init; } = int.MaxValue;

    /// <summary>Recipe that trains the family's architectures from fresh weights, unless a recipe has the architecture's own name.</summary>
    public DefaultRecipe Recipe { get; init; } = DefaultRecipe.Generic;

    /// <summary>
    /// Whether pretrained weights are fine-tuned with the settings of large models even below the number of parameters that makes any
    /// architecture large.
    /// </summary>
    public bool FineTunesAsLarge { get; init; }

    /// <summary>
    /// Prefixes of the model names for which <see cref="Recipe"/> and <see cref="FineTunesAsLarge"/> do not hold; these models use
    /// <see cref="DefaultRecipe.Generic"/>.
    /// </summary>
    public ImmutableArray<string> GenericPrefixes { get; init; } = [];

    /// <summary>Short names that stand for a recipe chosen by device, such as <c>convnext</c>.</summary>
    public ImmutableArray<(string Name, DefaultRecipe Recipe)> ShortNames { get; init; } = [];

    /// <summary>Creates a family from its variants.</summary>
    /// <param name="name">Name of the family.</param>
    /// <param name="variants">timm's names with the configuration of each.</param>
    /// <param name="declare">Declares one architecture from its name, its configuration and the user's options.</param>
    public static Family Create<TConfig>(
        string name,
        IEnumerable<(string Model, TConfig Config)> variants,
        Func<string, TConfig, ModelOptions, Architecture> declare)
    {
        var list = variants.ToImmutableArray();
        var byName = list.ToDictionary(v => v.Model, v => v.Config, StringComparer.Ordinal);
        return new Family(name, [.. list.Select(v => v.Model)], (model, options) => declare(model, byName[model], options));
    }

    /// <summary>Declares one of <see cref="Models"/>.</summary>
    public Architecture Declare(string model, ModelOptions options) => _declare(model, options);

    /// <summary>Returns the recipe that trains a model of the family from fresh weights.</summary>
    public DefaultRecipe RecipeFor(string model) => IsGeneric(model) ? DefaultRecipe.Generic : Recipe;

    /// <summary>Returns whether a model of the family is fine-tuned with the settings of large models regardless of its size.</summary>
    public bool FineTunesAsLargeFor(string model) => FineTunesAsLarge && !IsGeneric(model);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {string.Join(", ", Models)}";

    private bool IsGeneric(string model) => GenericPrefixes.Any(prefix => model.StartsWith(prefix, StringComparison.Ordinal));
}
