using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables;

/// <summary>Reads the key-value metadata of one table.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="pairs">Key-value pairs of the file.</param>
internal sealed class LogitsMetadataReader(string path, IReadOnlyDictionary<string, string> pairs)
{
    /// <summary>Reads and checks the pairs.</summary>
    /// <exception cref="RefusalException">A key is missing or has a value of another kind.</exception>
    public DeclaredMetadata Read()
    {
        if (Text("schema_version") is var version && !string.Equals(version, LogitsMetadata.SchemaVersion, StringComparison.Ordinal))
        {
            throw new RefusalException(
                $"{path} has schema version {version}, expected {LogitsMetadata.SchemaVersion}; "
                + $"read it with the SketchFlow that wrote it, or {LogitsReader.RewriteHint}.");
        }

        var metadata = new LogitsMetadata
        {
            Model = Text("model"),
            Run = Text("run"),
            Fold = pairs.ContainsKey("fold") ? (int)Number("fold") : null,
            CheckpointSha256 = pairs.GetValueOrDefault("checkpoint_sha256"),
            ClassNames = ClassNames(),
            Preprocessing = Text("preprocessing"),
            Tta = Text("tta"),
            Seed = Number("seed"),
            Dataset = Text("dataset"),
            Split = Text("split"),
            DatasetSha256 = pairs.GetValueOrDefault("dataset_sha256"),
            RowsSha256 = pairs.GetValueOrDefault("rows_sha256"),
            EstimatedBy = pairs.GetValueOrDefault("estimated_by"),
            Temperature = pairs.ContainsKey("temperature") ? Real("temperature") : null,
            Engine = pairs.GetValueOrDefault("engine"),
            SubmissionIds = pairs.TryGetValue("submission_ids", out var ids) ? [.. Names("submission_ids", ids)] : [],
            Format = pairs.TryGetValue("submission_format", out var format) ? Format(format) : null,
            FormatFault = pairs.GetValueOrDefault("submission_fault"),
            Created = pairs.ContainsKey("created") ? Time("created") : null,
        };
        if (metadata with { IsNamedByRun = true } is var old && string.Equals(Path.GetFileNameWithoutExtension(path), old.Name, StringComparison.Ordinal))
        {
            metadata = old with { IsNamedByRun = !string.Equals(old.Name, metadata.Name, StringComparison.Ordinal) };
        }

        return new DeclaredMetadata(metadata, Number("rows"), Text("logits_sha256"));
    }

    private string Text(string key) => pairs.TryGetValue(key, out var value)
        ? value
        : throw new RefusalException($"{path} has no metadata key {key}, expected one in a logits table; {LogitsReader.RewriteHint}.");

    private long Number(string key) => long.TryParse(Text(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new RefusalException($"{path} has the metadata {key} = '{Text(key)}', expected a whole number; {LogitsReader.RewriteHint}.");

    private DateTimeOffset Time(string key) => DateTimeOffset.TryParse(
        Text(key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        ? time
        : throw new RefusalException($"{path} has the metadata {key} = '{Text(key)}', expected an ISO 8601 time; {LogitsReader.RewriteHint}.");

    private SubmissionFormat Format(string json) => SubmissionFormat.TryParse(json)
        ?? throw new RefusalException($"{path} has a submission_format that is none, expected columns and rows in JSON; {LogitsReader.RewriteHint}.");

    private double Real(string key) =>
        double.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw new RefusalException($"{path} has the metadata {key} = '{Text(key)}', expected a number; {LogitsReader.RewriteHint}.");

    private ImmutableArray<string> ClassNames()
    {
        var json = Text("class_names");
        var hash = LogitsMetadata.Sha256(json);
        if (Text("class_names_sha256") is var declared && !string.Equals(declared, hash, StringComparison.Ordinal))
        {
            throw new RefusalException(
                $"{path} has class names of SHA-256 {hash[..12]}…, expected {declared[..Math.Min(12, declared.Length)]}… by its metadata; "
                + $"{LogitsReader.RewriteHint}.");
        }

        var names = Names("class_names", json);
        return names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } repeated
            ? throw new RefusalException($"{path} names class '{repeated.Key}' {repeated.Count()} times, expected once; {LogitsReader.RewriteHint}.")
            : [.. names];
    }

    private string[] Names(string key, string json)
    {
        string[]? names = null;
        try
        {
            names = JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            // Refused below together with null and empty.
        }

        return names is { Length: > 0 } && names.All(n => n is not null)
            ? names
            : throw new RefusalException($"{path} has {key} that are not a JSON array of names, expected one; {LogitsReader.RewriteHint}.");
    }
}
