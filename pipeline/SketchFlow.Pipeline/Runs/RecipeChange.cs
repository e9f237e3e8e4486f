namespace SketchFlow.Pipeline.Runs;

/// <summary>What differs between two runs' recipes.</summary>
/// <param name="Key">The recipe's key.</param>
/// <param name="First">Its value in the first run; null where it has none.</param>
/// <param name="Second">In the second.</param>
public sealed record RecipeChange(string Key, string? First, string? Second)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key} {First ?? "(none)"} -> {Second ?? "(none)"}";
}
