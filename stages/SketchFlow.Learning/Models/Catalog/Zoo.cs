using System.Collections.Immutable;
using System.Reflection;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Families;

namespace SketchFlow.Learning.Models.Catalog;

/// <summary>All architectures by timm's name.</summary>
public static class Zoo
{
    /// <summary>All families: the static property <c>Family</c> of each type in the namespace of <see cref="ResNet"/>, in order.</summary>
    public static ImmutableArray<Family> Families { get; } =
    [
        .. typeof(ResNet).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(ResNet).Namespace)
            .Select(type => type.GetProperty("Family", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<Family>()
            .OrderBy(family => family.Order)
            .ThenBy(family => family.Name, StringComparer.Ordinal),
    ];

    private static readonly ImmutableDictionary<string, Family> ByName =
        Families.SelectMany(f => f.Models.Select(m => (Model: m, Family: f))).ToImmutableDictionary(p => p.Model, p => p.Family, StringComparer.Ordinal);

    /// <summary>Names of all architectures, family by family.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Families.SelectMany(f => f.Models)];

    /// <summary>Returns the family of the architecture <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">No architecture has this name; the message lists the nearest ones.</exception>
    public static Family FamilyOf(string name) => ByName.TryGetValue(name, out var family)
        ? family
        : throw new RefusalException(
            $"There is no architecture '{name}'{Spelling.DidYouMean(name, Names)}; the nearest names are {string.Join(", ", Spelling.Nearest(name, Names, 3))} "
            + $"('sketchflow models list' shows all {Names.Length}).");

    /// <summary>Returns the recipes that a family's short name stands for, such as <c>convnext</c>; null if there is no such short name.</summary>
    public static DefaultRecipe? FindShortName(string name) =>
        Families.SelectMany(f => f.ShortNames).FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal)).Recipe;

    /// <summary>Declares the architecture <paramref name="name"/>; nothing is allocated.</summary>
    /// <exception cref="RefusalException">No architecture has this name, or it does not support the options.</exception>
    public static Architecture Build(string name, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new();
        var family = FamilyOf(name);
        options.Check(name);
        return family.Declare(name, options);
    }
}
