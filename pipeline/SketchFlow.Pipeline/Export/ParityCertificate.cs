using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Pipeline.Export.Quantization;

namespace SketchFlow.Pipeline.Export;

/// <summary>Evidence that an exported model gives the logits of the trained one, written as JSON next to it.</summary>
/// <param name="Model">Title of the trained model.</param>
/// <param name="ModelSha256">SHA-256 of the exported file.</param>
/// <param name="WeightsSha256">SHA-256 of the file of weights.</param>
/// <param name="LargestLogit">Largest absolute logit of the trained model over all images.</param>
/// <param name="LargestDifference">Largest absolute difference between two logits.</param>
/// <param name="Agreement">Share of images with the same most probable class.</param>
/// <param name="Versions">Versions of the libraries that were compared.</param>
/// <param name="Images">The compared images.</param>
public sealed record ParityCertificate(
    string Model,
    string ModelSha256,
    string WeightsSha256,
    double LargestLogit,
    double LargestDifference,
    double Agreement,
    ImmutableSortedDictionary<string, string> Versions,
    ImmutableArray<CertifiedImage> Images)
{
    /// <summary>Ranges, accuracy and speed of a model in 8 bits; null for one that computes in float32.</summary>
    public QuantizationReport? Quantization { get; init; }

    /// <summary>Difference of the pixels, for a model that resizes images itself; null for one that takes resized images.</summary>
    public ResizeReport? Resize { get; init; }

    /// <summary>Largest difference that an exported float32 model may have, relative to the largest logit.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Largest difference of a float32 model that resizes images itself, relative to the largest logit: a few pixels differ by a level.</summary>
    public const double ResizeTolerance = 1e-2;

    /// <summary>Smallest share of images with the same most probable class that a model with 16-bit weights may have.</summary>
    public const double LeastAgreement = 0.995;

    private static readonly JsonSerializerOptions _format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Whether the logits agree within the tolerance.</summary>
    public bool Holds => LargestDifference <= (Resize is null ? Tolerance : ResizeTolerance) * LargestLogit;

    /// <summary>Returns the certificate as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _format) + "\n";
}
