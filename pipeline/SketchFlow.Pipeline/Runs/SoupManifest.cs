using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The content of <c>soup.json</c>: the options and ingredients of a soup.</summary>
/// <param name="Kind">The method: <c>Greedy</c> or <c>Uniform</c>.</param>
/// <param name="Statistics">The treatment of batch-norm statistics; <c>none</c> for a network without batch norms.</param>
/// <param name="Batches">Number of training batches for recalibrated statistics.</param>
/// <param name="Ingredients">All weights that were tried.</param>
public sealed record SoupManifest(string Kind, string Statistics, int Batches, ImmutableArray<SoupIngredient> Ingredients)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new NonFiniteAsNull<double>() },
    };

    /// <summary>Reads the manifest of a run; null if the run is no soup or the file cannot be read.</summary>
    public static SoupManifest? Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return !File.Exists(folder.Soup) || JsonSerializer.Deserialize<SoupManifest>(File.ReadAllText(folder.Soup), _json) is not { } manifest
                || manifest.Ingredients.IsDefault ? null : manifest;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
