using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>Architectures of one kind: timm's names, and how each is declared.</summary>
public sealed record Family
{
    private readonly Func<string, ModelOptions, Architecture> _declare;

    private Family(string name, ImmutableArray<string> models, Func<string, ModelOptions, Architecture> declare) =>
        (Name, Models, _declare) = (name, models, declare);

    /// <summary>The family's name, such as <c>ConvNeXt</c>.</summary>
    public string Name { get; }

    /// <summary>timm's architecture names, as the family lists them.</summary>
    public ImmutableArray<string> Models { get; }

    /// <summary>A family of <paramref name="variants"/>: name to configuration, and a function that declares one.</summary>
    public static Family Of<TConfig>(
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

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {string.Join(", ", Models)}";
}
