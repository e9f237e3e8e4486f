using System.Collections.Immutable;
using SketchFlow.Scoring.Audit;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>The audit of the labelled images of a split by a run, an ensemble, or all runs.</summary>
internal sealed record AuditReport
{
    /// <summary>Name of the run or ensemble; all for every run.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Name of the split.</summary>
    public required string Split { get; init; }

    /// <summary>The audited rows: those with a label and an image that was predicted.</summary>
    public required LogitsSet Set { get; init; }

    /// <summary>The findings; rows are positions in <see cref="Set"/>.</summary>
    public required AuditResult Result { get; init; }

    /// <summary>Number of rows without a label, which are left out.</summary>
    public required int Unlabelled { get; init; }

    /// <summary>Number of rows whose image was rejected, which are left out.</summary>
    public required int Rejected { get; init; }

    /// <summary>Divisor of each member's logits; empty for an ensemble, whose prediction is calibrated already.</summary>
    public required ImmutableArray<double> Temperatures { get; init; }

    /// <summary>Copies with another label.</summary>
    public required CopySearch Copies { get; init; }

    /// <summary>Weights of training rows, by ascending id; null if no training row was audited.</summary>
    public ImmutableArray<WeightedRow>? Weights { get; init; }

    /// <summary>
    /// Warning, as a whole sentence, if the models give no more images their label than chance does (one-sided binomial test at 5 %), so that findings say
    /// little about the labels; else null.
    /// </summary>
    public string? ChanceWarning { get; init; }

    /// <summary>The kinds of finding in the order of summaries, each with its number of images.</summary>
    public IReadOnlyList<FindingCount> Findings =>
    [
        Count(AuditFindings.LabelError, "likely label errors", "the label is likely wrong"),
        Count(
            AuditFindings.Duplicate, "copies with other labels", "a copy has another label",
            Copies.Reason is { } reason ? $"not searched for: {reason}" : null),
        Count(
            AuditFindings.Unlearnable, "unlearnable", "every model is sure of another class",
            Set.Members.Length < 2 ? "needs an ensemble, or --run all" : null),
        Count(AuditFindings.Ambiguous, "ambiguous", "two classes share the prediction"),
        Count(AuditFindings.Outlier, "outliers", "flat prediction; may be of no class"),
    ];

    /// <summary>Returns the name of a class.</summary>
    public string ClassName(int number) => Set.ClassNames[number];

    /// <summary>Returns the copy of an image that has another label; null for none.</summary>
    public ConflictingCopy? CopyOf(int row) => Copies.Found?.GetValueOrDefault(Set.ImagePaths[row]);

    /// <summary>Names the findings of an image in the words of <c>audit.csv</c>.</summary>
    public static IEnumerable<string> Kinds(AuditFindings findings) =>
        Enum.GetValues<AuditFindings>().Where(f => f != AuditFindings.None && (findings & f) == f).Select(KindName);

    /// <summary>Returns the word for a finding in files.</summary>
    public static string KindName(AuditFindings finding) => finding switch
    {
        AuditFindings.LabelError => "label_error",
        AuditFindings.Duplicate => "duplicate",
        AuditFindings.Unlearnable => "unlearnable",
        AuditFindings.Ambiguous => "ambiguous",
        AuditFindings.Outlier => "outlier",
        _ => throw new ArgumentOutOfRangeException(nameof(finding), finding, "Expected one finding."),
    };

    private FindingCount Count(AuditFindings finding, string name, string meaning, string? missing = null) =>
        new(finding, KindName(finding), name, missing ?? meaning, missing is null ? Result.Count(finding) : null);
}
