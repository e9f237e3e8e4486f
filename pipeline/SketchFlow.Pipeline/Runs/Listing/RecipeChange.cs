namespace SketchFlow.Pipeline.Runs.Listing;

/// <summary>A key whose value differs between the recipes of two runs.</summary>
/// <param name="Key">The key, such as <c>optimizer.learning_rate</c>.</param>
/// <param name="First">Value in the first run; null if it has none.</param>
/// <param name="Second">Value in the second run; null if it has none.</param>
public sealed record RecipeChange(string Key, string? First, string? Second)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key} {First ?? "(none)"} -> {Second ?? "(none)"}";
}
