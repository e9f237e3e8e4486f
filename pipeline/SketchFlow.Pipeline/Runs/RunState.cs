using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Schedules;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The complete state of a run at one moment, except for its tensors. Together with the tensors in a file of <see cref="ResumeFiles"/>, it lets training
/// continue exactly as if it had never stopped: shuffling, augmentation and dropout are keyed by seed, epoch, sample and step, so that no state of a
/// random generator has to be kept.
/// </summary>
public sealed record RunState
{
    /// <summary>The current format, the only one so far.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Format version of this record.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Fingerprint of the model's tensors and their offsets in the flat buffers.</summary>
    public required string Layout { get; init; }

    /// <summary>Fingerprint of the training and validation rows, in order.</summary>
    public required string Rows { get; init; }

    /// <summary>Seed of the run.</summary>
    public long Seed { get; init; }

    /// <summary>Number of compute threads: sums that are split over threads depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Number of complete epochs.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of images of the current epoch, in its order, that have been trained on or rejected.</summary>
    public int Position { get; init; }

    /// <summary>Running sums of the current epoch.</summary>
    public EpochSums Sums { get; init; } = new();

    /// <summary>Scalar state of the learner by name: steps, loss scale, counts.</summary>
    public required ImmutableSortedDictionary<string, double> Numbers { get; init; }

    /// <summary>State of the plateau schedule.</summary>
    public PlateauState Plateau { get; init; } = new();

    /// <summary>State of early stopping.</summary>
    public required EarlyStoppingState Patience { get; init; }

    /// <summary>The rows of <c>metrics.csv</c>.</summary>
    public ImmutableArray<EpochMetrics> Metrics { get; init; } = [];

    /// <summary>The rows of <c>timing.csv</c>.</summary>
    public ImmutableArray<EpochTiming> Timings { get; init; } = [];

    /// <summary>Rejected training images.</summary>
    public ImmutableArray<Rejected> RejectedTraining { get; init; } = [];

    /// <summary>Rejected validation images.</summary>
    public ImmutableArray<Rejected> RejectedValidation { get; init; } = [];

    /// <summary>The reason for which the run ended; null while it has not ended.</summary>
    public RunEnd? End { get; init; }

    /// <summary>Explanation of an early end, as a clause; null if all epochs are done.</summary>
    public string? Reason { get; init; }

    /// <summary>Serializes the state to JSON; all numbers survive a round trip exactly.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>Deserializes a state from JSON.</summary>
    /// <exception cref="JsonException">The text is not a state, or has another format version.</exception>
    public static RunState Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(json, _json) is { Format: CurrentFormat } state
                ? state
                : throw new JsonException($"its format version is not {CurrentFormat}, the one that this program reads");
        }
        catch (ArgumentException e)
        {
            throw new JsonException("a text of its state is missing", e);
        }
    }

    /// <summary>Computes a fingerprint of the rows: ids, paths and targets.</summary>
    public static string Fingerprint(IEnumerable<Sample> train, IEnumerable<Sample> validation) => DataSetFingerprint.Hash(
        train.Select(s => ("train", s)).Concat(validation.Select(s => ("val", s)))
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1}\t{p.s.Id}\t{p.s.Target}\t{p.s.ImagePath}\n")));

    /// <inheritdoc/>
    public override string ToString() => $"epoch {Epoch + 1}, after {Position} images ({Numbers["steps"]} steps)";
}
