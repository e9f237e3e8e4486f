using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Families;

namespace SketchFlow.Learning.Models;

/// <summary>Every architecture there is, by timm's name.</summary>
public static class Zoo
{
    /// <summary>The families; a new one is a line here.</summary>
    public static ImmutableArray<Family> Families { get; } =
    [
        ResNet.Family,
        ResNetV2.Family,
        ByobResNet.Family,
        RegNet.Family,
        RegNetZ.Family,
        EfficientNet.Family,
        ConvNext.Family,
        VisionTransformer.Family,
        VisionTransformerHybrid.Family,
        VisionTransformerRelpos.Family,
        VisionTransformerSam.Family,
        NaFlexVit.Family,
        Deit.Family,
        Eva.Family,
        Beit.Family,
        DenseNet.Family,
        TResNet.Family,
        InceptionResNetV2.Family,
        RDNet.Family,
        Swin.Family,
        MaxVit.Family,
        CoAtNet.Family,
    ];

    private static readonly ImmutableDictionary<string, Family> ByName =
        Families.SelectMany(f => f.Models.Select(m => (Model: m, Family: f))).ToImmutableDictionary(p => p.Model, p => p.Family, StringComparer.Ordinal);

    /// <summary>All names, family by family.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Families.SelectMany(f => f.Models)];

    /// <summary>Returns the family of the architecture <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">No architecture has this name; the message lists the nearest ones.</exception>
    public static Family FamilyOf(string name) => ByName.TryGetValue(name, out var family)
        ? family
        : throw new RefusalException(
            $"There is no architecture '{name}'; the nearest names are {string.Join(", ", Spelling.Nearest(name, Names, 3))} "
            + $"('sketchflow models list' shows all {Names.Length}).");

    /// <summary>Returns the recipes that a family's short name stands for, such as <c>convnext</c>; null if there is no such short name.</summary>
    public static DefaultRecipe? FindShortName(string name) =>
        Families.SelectMany(f => f.ShortNames).FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal)).Recipe;

    /// <summary>Declares the architecture <paramref name="name"/>; nothing is allocated.</summary>
    /// <exception cref="RefusalException">No such name, or options that it cannot have.</exception>
    public static Architecture Build(string name, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new();
        var family = FamilyOf(name);
        Check(name, "classes", options.Classes, options.Classes >= 0, "0 or more");
        Check(name, "input size", options.InputSize, options.InputSize is null or >= 32, "at least 32 pixels");
        Check(name, "drop path", options.DropPath, options.DropPath is >= 0 and < 1, "in [0, 1)");
        Check(name, "dropout", options.Dropout, options.Dropout is >= 0 and < 1, "in [0, 1)");
        return family.Declare(name, options);
    }

    /// <summary>Refuses drop path for networks without residual sums that could be dropped, as timm does, instead of leaving it out unsaid.</summary>
    internal static void CheckNoDropPath(string name, ModelOptions options) =>
        Check(name, "drop path", options.DropPath, options.DropPath == 0, "0, as this architecture has no paths to drop");

    private static void Check(string model, string what, object? found, bool holds, string expected)
    {
        if (!holds)
        {
            throw new RefusalException($"{model} was asked for with {what} {found}; it must be {expected}.");
        }
    }
}
