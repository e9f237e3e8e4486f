using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The facts that weights need in order to be used correctly: class names, preprocessing, data and calibration.</summary>
/// <remarks>
/// They are stored as metadata in the header of the weights file (<c>best.safetensors</c>), so that they cannot be separated from the weights. A file of
/// an older version lacks some of them; these are null or empty.
/// </remarks>
public sealed record RunIdentity
{
    // Class names in any script stay readable in other tools.
    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Class names in the order of the logits (key <c>class_names</c>, a JSON array); empty if unknown.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Image preparation as printed in one line (key <c>preprocessing</c>).</summary>
    public string? Preprocessing { get; init; }

    /// <summary>Name of the data set (key <c>dataset</c>).</summary>
    public string? DataSet { get; init; }

    /// <summary>Fingerprint of the classes and rows of the data set (key <c>dataset_sha256</c>), see <c>DataSetFingerprint</c>.</summary>
    public string? DataSetFingerprint { get; init; }

    /// <summary>Fingerprint of the training and validation rows (key <c>rows_sha256</c>), see <see cref="RunSplit.Fingerprint"/>.</summary>
    public string? RowsFingerprint { get; init; }

    /// <summary>Temperature fitted on the validation logits of these weights (key <c>temperature</c>); null if they are not calibrated.</summary>
    public double? Temperature { get; init; }

    /// <summary>Name of the run whose validation figures estimate this one (key <c>estimated_by</c>); null unless this is a refit.</summary>
    public string? EstimatedBy { get; init; }

    /// <summary>Validation accuracy of that run in [0, 1] (key <c>estimated_val_accuracy</c>); null unless this is a refit.</summary>
    public double? EstimatedAccuracy { get; init; }

    /// <summary>Reads the identity of the best weights of a run.</summary>
    /// <exception cref="RefusalException">There are no weights, or the file is damaged.</exception>
    public static RunIdentity Read(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return ReadFile(run.Best);
    }

    /// <summary>Reads the identity from a weights file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RefusalException">There is no such file, or it is damaged.</exception>
    public static RunIdentity ReadFile(string path)
    {
        using var file = WeightsFile.Open(path);
        return From(file.Metadata, path);
    }

    /// <summary>Reads the identity from the metadata of a weights file.</summary>
    /// <param name="metadata">The key-value pairs; unknown keys are ignored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="RefusalException">A value is not of its kind.</exception>
    public static RunIdentity From(IReadOnlyDictionary<string, string> metadata, string path)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new RunIdentity
        {
            Classes = ClassNames(metadata.GetValueOrDefault("class_names"), path),
            Preprocessing = metadata.GetValueOrDefault("preprocessing"),
            DataSet = metadata.GetValueOrDefault("dataset"),
            DataSetFingerprint = metadata.GetValueOrDefault("dataset_sha256"),
            RowsFingerprint = metadata.GetValueOrDefault("rows_sha256"),
            Temperature = Number(metadata, "temperature", path, isPositive: true),
            EstimatedBy = metadata.GetValueOrDefault("estimated_by"),
            EstimatedAccuracy = Number(metadata, "estimated_val_accuracy", path, isPositive: false),
        };
    }

    /// <summary>Writes the identity as metadata of a weights file; unknown facts have no key.</summary>
    public Dictionary<string, string> ToMetadata()
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal) { ["class_names"] = JsonSerializer.Serialize(Classes, _json) };
        Add("preprocessing", Preprocessing);
        Add("dataset", DataSet);
        Add("dataset_sha256", DataSetFingerprint);
        Add("rows_sha256", RowsFingerprint);
        Add("temperature", Temperature?.ToString("R", CultureInfo.InvariantCulture));
        Add("estimated_by", EstimatedBy);
        Add("estimated_val_accuracy", EstimatedAccuracy?.ToString("R", CultureInfo.InvariantCulture));
        return pairs;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                pairs[key] = value;
            }
        }
    }

    private static ImmutableArray<string> ClassNames(string? json, string path)
    {
        if (json is null)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<string[]>(json) is { } names && names.All(n => n is not null) ? [.. names] : throw Invalid();
        }
        catch (JsonException)
        {
            throw Invalid();
        }

        RefusalException Invalid() => new($"{path} has class_names that are not a JSON array of names, expected one; train the run again.");
    }

    private static double? Number(IReadOnlyDictionary<string, string> metadata, string key, string path, bool isPositive) =>
        !metadata.TryGetValue(key, out var text) ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && (!isPositive || value > 0) ? value
        : throw new RefusalException(
            $"{path} has the {key} '{text}', expected a {(isPositive ? "number above 0" : "number")}; train the run again.");
}
