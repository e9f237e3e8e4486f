using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Scoring.Audit;
using SketchFlow.Scoring.Metrics;
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

    /// <summary>Copies with another label by the path of the image; null if they were not searched for.</summary>
    public ImmutableSortedDictionary<string, ConflictingCopy>? Copies { get; init; }

    /// <summary>Weights of training rows, by ascending id; null if no training row was audited.</summary>
    public ImmutableArray<WeightedRow>? Weights { get; init; }

    /// <summary>
    /// Warning, as a whole sentence, if the models give no more images their label than chance does (one-sided binomial test at 5 %), so that findings say
    /// little about the labels; else null.
    /// </summary>
    public string? ChanceWarning
    {
        get
        {
            var (right, chance) = (Result.Images.Count(i => i.Suggested == i.Given), 1.0 / Set.Classes);
            return BinomialTest.UpperTail(right, Set.Rows, chance) <= 0.05 ? null
                : $"{Percent.Text((double)right / Set.Rows)} of the images get their label, and {Percent.Text(chance)} would by chance: the findings say "
                    + "little about the labels; audit a better model.";
        }
    }

    /// <summary>Returns the name of a class.</summary>
    public string ClassName(int number) => Set.ClassNames[number];

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
}
