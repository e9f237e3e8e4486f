using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights;

/// <summary>What loading did beyond copying; each list holds tensor names.</summary>
public sealed record LoadReport
{
    /// <summary>The classifier's tensors, drawn afresh because the file has another number of classes or none.</summary>
    public ImmutableArray<string> Fresh { get; init; } = [];

    /// <summary>Classes of the file's classifier, where <see cref="Fresh"/> ones took its place; null where the file has none.</summary>
    public long? FileClasses { get; init; }

    /// <summary>Position embeddings resampled to the image size.</summary>
    public ImmutableArray<string> Resampled { get; init; } = [];

    /// <summary>Batch counters that the file lacks, set to 0.</summary>
    public ImmutableArray<string> Counters { get; init; } = [];

    /// <summary>What stands before timm's names in the file, such as <c>module.</c>; empty where nothing does.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Prefixes of other copies of the model in the file, left out: beside an exponential moving average, the weights that it follows.</summary>
    public ImmutableArray<string> OtherCopies { get; init; } = [];

    /// <summary>The file's classifier, left out because the model has none.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>Other dictionaries of the file that hold tensors, such as an optimiser's; not looked at.</summary>
    public ImmutableArray<string> Beside { get; init; } = [];

    /// <summary>Not strict only: the model's tensors that the file lacks, drawn afresh.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>Not strict only: the file's tensors that the model lacks, left out.</summary>
    public ImmutableArray<string> Unexpected { get; init; } = [];

    /// <summary>Not strict only: the tensors whose shapes differ, drawn afresh.</summary>
    public ImmutableArray<string> Mismatched { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString()
    {
        string?[] parts =
        [
            Prefix.Length == 0 ? null : $"names behind '{Prefix}'", Part("other copies left out", OtherCopies),
            Part(FileClasses is { } classes ? $"fresh classifier (the file's has {classes} classes)" : "fresh classifier", Fresh),
            Part("resampled", Resampled), Part("counters at 0", Counters), Part("left out", LeftOut), Part("beside the model", Beside),
            Part("missing, drawn afresh", Missing), Part("unexpected, left out", Unexpected), Part("of another shape, drawn afresh", Mismatched),
        ];
        var said = string.Join("; ", parts.OfType<string>());
        return said.Length == 0 ? "every tensor taken as it is" : said;

        static string? Part(string what, ImmutableArray<string> names) => names.Length switch
        {
            0 => null,
            <= 8 => $"{what}: {string.Join(", ", names)}",
            _ => $"{what}: {string.Join(", ", names.Take(6))} and {names.Length - 6} more",
        };
    }
}
