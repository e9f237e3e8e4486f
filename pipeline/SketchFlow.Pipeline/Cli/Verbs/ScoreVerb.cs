using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Scoring.Submissions;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>score</c>: compares a submission with the answers; needs no libtorch.</summary>
[Verb(
    "score",
    "Score a submission by a table of answers: accuracy, recall of each class, macro F1, MAP@k.",
    Order = 140,
    Examples = ["sketchflow score submission.csv answers.csv", "sketchflow score submission.csv answers.csv --against other.csv"])]
public sealed class ScoreVerb : Verb
{
    private readonly Argument<string> _submission = new("SUBMISSION")
    {
        Description = "The submission: an id or image_path, and a class, several classes, or a probability for each class.",
    };

    private readonly Argument<string> _answers = new("ANSWERS") { Description = "CSV of the true classes: id or image_path, and class number or name." };

    private readonly Option<string?> _against = new("--against") { Description = "Another submission to compare with by McNemar's test." };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder of the data set, for the names of class numbers where one table has numbers and the other names.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_submission, _answers, _against, _data, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var classes = parsed.GetValue(_data) is { } folder ? new DataSetNames(SketchFlow.Pipeline.Runs.Artifacts.At(null)).Read(folder).Classes : default;
        var score = SubmissionScoring.Score(
            LabelTable.Read(parsed.GetValue(_submission)!), LabelTable.Read(parsed.GetValue(_answers)!),
            parsed.GetValue(_against) is { } other ? LabelTable.Read(other) : null, classes.IsDefault ? null : classes);
        Log($"{score.Rows} rows: accuracy {Percent.Text(score.Accuracy.Score)} (95 % interval {Percent.Range(score.Accuracy.Low, score.Accuracy.High)}), "
            + $"macro F1 {Percent.Text(score.MacroF1)}");
        if (score.MeanAveragePrecision is { } ranked)
        {
            Log($"The submission has up to {ranked.K} labels in a cell: MAP@{ranked.K} {Percent.Text(ranked.Score)}; all other figures count the first label.");
        }

        foreach (var recall in score.Recalls)
        {
            Log($"  {recall.Name}: recall {Percent.Text(recall.Recall)} ({recall.Right} of {recall.Rows})");
        }

        if (score.Against is { Test: var test, Accuracy: var accuracy })
        {
            Log($"compared with {parsed.GetValue(_against)} (accuracy {Percent.Text(accuracy)}): both right {test.BothRight}, only this {test.OnlyFirst}, "
                + $"only the other {test.OnlySecond}, both wrong {test.BothWrong}; McNemar's p = {test.P:0.0000}"
                + (test.P < 0.05 ? "" : ": no significant difference"));
        }

        CommonOptions.PrintJson(parsed, new
        {
            rows = score.Rows,
            accuracy = score.Accuracy.Score,
            low = score.Accuracy.Low,
            high = score.Accuracy.High,
            macro_f1 = score.MacroF1,
            map = score.MeanAveragePrecision is { } map ? new { k = map.K, score = map.Score } : null,
            classes = score.Recalls.Select(r => new { name = r.Name, rows = r.Rows, right = r.Right, recall = r.Recall }),
            against = score.Against is not { } compared ? null : new
            {
                accuracy = compared.Accuracy,
                both_right = compared.Test.BothRight,
                only_first = compared.Test.OnlyFirst,
                only_second = compared.Test.OnlySecond,
                both_wrong = compared.Test.BothWrong,
                p = compared.Test.P,
            },
        });
        return ExitCode.Done;
    }
}
