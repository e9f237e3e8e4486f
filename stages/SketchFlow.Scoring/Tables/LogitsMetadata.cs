using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SketchFlow.Data.Competitions;

namespace SketchFlow.Scoring.Tables;

/// <summary>Key-value metadata of a logits table.</summary>
public sealed record LogitsMetadata
{
    /// <summary>The only version of the schema; the reader refuses any other.</summary>
    public const string SchemaVersion = "1";

    /// <summary>Architecture, such as <c>convnext_atto</c> (key <c>model</c>).</summary>
    public required string Model { get; init; }

    /// <summary>Name of the run that trained it (key <c>run</c>).</summary>
    public required string Run { get; init; }

    /// <summary>Fold of the run, from 0 (key <c>fold</c>); null without folds, and then the key is absent.</summary>
    public int? Fold { get; init; }

    /// <summary>SHA-256 of the checkpoint file, lower-case hexadecimal (key <c>checkpoint_sha256</c>); null if unknown, and then the key is absent.</summary>
    /// <remarks>In memory, the joined table of several folds has the sorted checkpoints of all, joined by <c>+</c>.</remarks>
    public string? CheckpointSha256 { get; init; }

    /// <summary>Class names in the order of the logits.</summary>
    /// <remarks>Keys <c>class_names</c>, a JSON array, and <c>class_names_sha256</c>, the SHA-256 of that text.</remarks>
    public required ImmutableArray<string> ClassNames { get; init; }

    /// <summary>Image preparation as printed in one line (key <c>preprocessing</c>).</summary>
    public string Preprocessing { get; init; } = "";

    /// <summary>Test-time augmentation, such as <c>none</c> or <c>hflip</c> (key <c>tta</c>).</summary>
    public string Tta { get; init; } = "none";

    /// <summary>Seed of the run (key <c>seed</c>).</summary>
    public long Seed { get; init; }

    /// <summary>Name of the data set (key <c>dataset</c>).</summary>
    public required string Dataset { get; init; }

    /// <summary>Fingerprint of the classes and rows of the data set (key <c>dataset_sha256</c>); null if unknown, and then the key is absent.</summary>
    public string? DatasetSha256 { get; init; }

    /// <summary>Fingerprint of the run's training and validation rows (key <c>rows_sha256</c>); null if unknown, and then the key is absent.</summary>
    public string? RowsSha256 { get; init; }

    /// <summary>Name of the run whose validation table estimates this one (key <c>estimated_by</c>); null, and no key, unless the run is a refit.</summary>
    public string? EstimatedBy { get; init; }

    /// <summary>Temperature that the weights carry (key <c>temperature</c>); null if unknown, and then the key is absent.</summary>
    public double? Temperature { get; init; }

    /// <summary>Name and version of the library that computed the logits (key <c>engine</c>); null, and no key, for libtorch.</summary>
    public string? Engine { get; init; }

    /// <summary>
    /// Ids that the test images have in submissions, by row number (key <c>submission_ids</c>, a JSON array); empty, and no key, where these are the row
    /// numbers themselves.
    /// </summary>
    public ImmutableArray<string> SubmissionIds { get; init; } = [];

    /// <summary>Format of submissions (key <c>submission_format</c>, JSON); null, and no key, for <c>ID,image_path,target</c>.</summary>
    public SubmissionFormat? Format { get; init; }

    /// <summary>Reason why the sample submission cannot be followed (key <c>submission_fault</c>); null, and no key, where it can.</summary>
    public string? FormatFault { get; init; }

    /// <summary><c>train</c>, <c>val</c> or <c>test</c> (key <c>split</c>).</summary>
    public required string Split { get; init; }

    /// <summary>
    /// Time at which the table was started, UTC (key <c>created</c>, ISO 8601); null, and no key, in tables of today, so that the same prediction gives
    /// the same bytes.
    /// </summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>
    /// Whether the table is stored under the name of the run alone although its test-time augmentation is not <c>none</c>, as older versions did.
    /// </summary>
    public bool IsNamedByRun { get; init; }

    /// <summary>Name of the run and of its test-time augmentation, such as <c>convnext-a+hflip</c>: a member of ensembles.</summary>
    public string Member => Run + Suffix;

    /// <summary>Run, fold and test-time augmentation, such as <c>convnext-a.fold-2+hflip</c>: the file's name without its extension.</summary>
    public string Name => RunAndFold + Suffix;

    private string RunAndFold => Fold is { } fold ? string.Create(CultureInfo.InvariantCulture, $"{Run}.fold-{fold}") : Run;

    private string Suffix => IsNamedByRun ? "" : TtaSuffix(Tta);

    /// <summary>Returns the part of a name that tells a test-time augmentation: <c>+hflip</c>, or nothing without one.</summary>
    /// <param name="tta">The text of <see cref="Tta"/>.</param>
    public static string TtaSuffix(string tta)
    {
        ArgumentNullException.ThrowIfNull(tta);
        return tta is "none" or "" ? "" : "+" + tta.Replace(' ', '-').Replace('(', '-').Replace(")", "", StringComparison.Ordinal).Replace('/', '-');
    }

    /// <summary>
    /// Returns the table's path below <paramref name="root"/> (usually <c>artifacts/logits</c>): <c>dataset/split/run[.fold-K][+tta].parquet</c>.
    /// </summary>
    public string PathBelow(string root) => Path.Combine(root, Dataset, Split, Name + ".parquet");

    internal static string ClassNamesJson(ImmutableArray<string> names) => JsonSerializer.Serialize(names.AsSpan().ToArray(), Json);

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // Class names in any script stay readable in other tools.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal Dictionary<string, string> ToKeyValues()
    {
        var names = ClassNamesJson(ClassNames);
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["schema_version"] = SchemaVersion,
            ["model"] = Model,
            ["run"] = Run,
            ["class_names"] = names,
            ["class_names_sha256"] = Sha256(names),
            ["preprocessing"] = Preprocessing,
            ["tta"] = Tta,
            ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
            ["dataset"] = Dataset,
            ["split"] = Split,
        };
        if (Fold is { } fold)
        {
            pairs["fold"] = fold.ToString(CultureInfo.InvariantCulture);
        }

        Add("created", Created?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Add("checkpoint_sha256", CheckpointSha256);
        Add("dataset_sha256", DatasetSha256);
        Add("rows_sha256", RowsSha256);
        Add("estimated_by", EstimatedBy);
        Add("engine", Engine);
        Add("submission_ids", SubmissionIds.IsDefaultOrEmpty ? null : ClassNamesJson(SubmissionIds));
        Add("submission_format", Format?.ToJson());
        Add("submission_fault", FormatFault);
        Add("temperature", Temperature?.ToString("R", CultureInfo.InvariantCulture));
        return pairs;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                pairs[key] = value;
            }
        }
    }
}
