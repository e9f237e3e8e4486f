using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Recipes.Grouping;

/// <summary>Rule by which images form the groups that a split keeps together. Exactly one of the three is set.</summary>
public sealed record SampleGrouping
{
    /// <summary>Keys of the rules with a text.</summary>
    public static ImmutableArray<string> Keys { get; } = ["column", "pattern"];

    /// <summary>Column of train.csv whose values are the groups.</summary>
    public string? Column { get; init; }

    /// <summary>Regular expression over file names whose first capture, or whole match, is the group.</summary>
    public string? Pattern { get; init; }

    /// <summary>Whether exact, mirrored and near copies of an image form a group.</summary>
    public bool Twins { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Column is not null ? $"column: {Column}" : Pattern is not null ? $"pattern: {Pattern}" : "twins";
}
