using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights;

/// <summary>The differences between a file of weights and the model it was loaded into; each list contains tensor names.</summary>
public sealed record LoadReport
{
    /// <summary>Number of tensors of the model.</summary>
    public int TensorCount { get; init; }

    /// <summary>The classifier's tensors, re-initialised because the file has another number of classes or no classifier.</summary>
    public ImmutableArray<string> NewClassifier { get; init; } = [];

    /// <summary>Number of classes of the file's classifier if it was replaced; null if the file has none.</summary>
    public long? FileClasses { get; init; }

    /// <summary>Position embeddings resampled to the image size.</summary>
    public ImmutableArray<string> Resampled { get; init; } = [];

    /// <summary>Batch counters missing in the file, set to 0.</summary>
    public ImmutableArray<string> Counters { get; init; } = [];

    /// <summary>Prefix of timm's names in the file, such as <c>module.</c>; empty if there is none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Prefixes of other copies of the model in the file, ignored: for example the raw weights next to their exponential moving average.</summary>
    public ImmutableArray<string> OtherCopies { get; init; } = [];

    /// <summary>The file's classifier, ignored because the model has none.</summary>
    public ImmutableArray<string> IgnoredClassifier { get; init; } = [];

    /// <summary>Other dictionaries of the file that contain tensors, such as an optimiser's; they are not read.</summary>
    public ImmutableArray<string> OtherContainers { get; init; } = [];

    /// <summary>Tensors of the model that the file lacks, re-initialised; only without strict loading.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>Tensors of the file that the model lacks, ignored; only without strict loading.</summary>
    public ImmutableArray<string> Unexpected { get; init; } = [];

    /// <summary>Tensors whose shapes differ, re-initialised; only without strict loading.</summary>
    public ImmutableArray<string> Mismatched { get; init; } = [];

    /// <summary>Tensors of the file with infinite values, such as averages that overflowed in float16; loaded as they are.</summary>
    public ImmutableArray<string> Infinite { get; init; } = [];

    /// <summary>The report in one line, with numbers instead of names.</summary>
    public string Summary => Describe(names: false);

    /// <summary>Returns the report in one line with the names of the first tensors of each list.</summary>
    public override string ToString() => Describe(names: true);

    private string Describe(bool names)
    {
        var loaded = TensorCount - NewClassifier.Length - Counters.Length - Missing.Length - Mismatched.Length;
        var classifier = FileClasses is { } classes ? $"new classifier (the file's has {classes} classes)" : "new classifier";
        string?[] differences =
        [
            Prefix.Length == 0 ? null : $"names prefixed with '{Prefix}'",
            Part("other copies ignored", OtherCopies),
            names || NewClassifier.IsEmpty ? Part(classifier, NewClassifier) : classifier,
            Part("resampled", Resampled),
            Counters.IsEmpty ? null : $"{Counters.Length} batch counters set to 0",
            Part("classifier ignored", IgnoredClassifier),
            Part("other dictionaries ignored", OtherContainers),
            Part("missing, re-initialised", Missing),
            Part("unexpected, ignored", Unexpected),
            Part("different shape, re-initialised", Mismatched),
            Part("with infinite values", Infinite),
        ];
        return differences.All(d => d is null)
            ? $"all {TensorCount} tensors loaded unchanged"
            : string.Join("; ", differences.OfType<string>().Prepend($"{loaded} of {TensorCount} tensors loaded"));

        string? Part(string label, ImmutableArray<string> tensors) => tensors.Length switch
        {
            0 => null,
            _ when !names => $"{label}: {tensors.Length}",
            <= 8 => $"{label}: {string.Join(", ", tensors)}",
            _ => $"{label}: {string.Join(", ", tensors.Take(6))} and {tensors.Length - 6} more",
        };
    }
}
