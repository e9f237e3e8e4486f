using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// Everything of a run at one moment that is not a tensor. With the tensors beside it in a file of <see cref="ResumeFiles"/>, training goes on
/// from there as if it had never stopped: orders, augmentations and drop-outs are keyed by seed, epoch, sample and step, so that no
/// generator's state needs keeping.
/// </summary>
public sealed record RunState
{
    /// <summary>The only format so far.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Format of this record.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Fingerprint of the model's tensors and their places in the flat buffers.</summary>
    public required string Layout { get; init; }

    /// <summary>Fingerprint of the training and validation rows, in order.</summary>
    public required string Rows { get; init; }

    /// <summary>The seed from which all else is drawn.</summary>
    public long Seed { get; init; }

    /// <summary>Threads that tensors are computed with: sums over threads depend on their number.</summary>
    public int Threads { get; init; }

    /// <summary>Epochs that are done.</summary>
    public int Epoch { get; init; }

    /// <summary>The sampler's position: images of the epoch under way, in its order, that are learnt from or rejected.</summary>
    public int Position { get; init; }

    /// <summary>What the epoch under way came to so far.</summary>
    public EpochSums Sums { get; init; } = new();

    /// <summary>The learner's numbers by name: steps, loss scale, counts.</summary>
    public required ImmutableSortedDictionary<string, double> Numbers { get; init; }

    /// <summary>Where the plateau schedule is.</summary>
    public PlateauState Plateau { get; init; } = new();

    /// <summary>Early stopping.</summary>
    public required EarlyStoppingState Patience { get; init; }

    /// <summary>Rows of <c>metrics.csv</c>.</summary>
    public ImmutableArray<EpochMetrics> Metrics { get; init; } = [];

    /// <summary>Rows of <c>timing.csv</c>.</summary>
    public ImmutableArray<EpochTiming> Timings { get; init; } = [];

    /// <summary>Training images that could not be used.</summary>
    public ImmutableArray<Rejected> RejectedTraining { get; init; } = [];

    /// <summary>Validation images that could not be used.</summary>
    public ImmutableArray<Rejected> RejectedValidation { get; init; } = [];

    /// <summary>How the run ended; null while it has not.</summary>
    public RunEnd? End { get; init; }

    /// <summary>Why it ended before its epochs did.</summary>
    public string? Reason { get; init; }

    /// <summary>As JSON; numbers come back as they were, to the bit.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>From JSON.</summary>
    /// <exception cref="JsonException">It is none, or of another format.</exception>
    public static RunState Parse(string json) => JsonSerializer.Deserialize<RunState>(json, _json) is { Format: CurrentFormat } state
        ? state
        : throw new JsonException($"its format is none that this version reads ({CurrentFormat})");

    /// <summary>Fingerprint of rows: ids, paths and targets.</summary>
    public static string FingerprintOf(IEnumerable<Sample> train, IEnumerable<Sample> validation) => Hash(
        train.Select(s => ("train", s)).Concat(validation.Select(s => ("val", s)))
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1}\t{p.s.Id}\t{p.s.Target}\t{p.s.ImagePath}\n")));

    /// <summary>SHA-256 of lines, lower-case hexadecimal.</summary>
    public static string Hash(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public override string ToString() => $"epoch {Epoch + 1}, after {Position} images ({Numbers["steps"]} steps)";
}
