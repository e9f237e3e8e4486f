using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>A chosen ensemble, ready to be measured on validation and to predict test.</summary>
/// <param name="DataSet">Name of the data set.</param>
/// <param name="Validation">Validation tables of all runs.</param>
/// <param name="Fitted">The combination and the calibrated validation logits.</param>
/// <param name="Method">Description of the search.</param>
/// <param name="Objective">Objective of the search.</param>
internal sealed record EnsembleSelection(string DataSet, RunLogits Validation, FittedEnsemble Fitted, string Method, Objective Objective)
{
    /// <summary>Whether the ensemble's file must name the order of the classes, because the tables have other orders.</summary>
    public bool StoresClasses { get; init; }

    private Combination Combination => Fitted.Combination;

    /// <summary>Measures the ensemble and predicts the test rows.</summary>
    /// <param name="test">Test tables, or null.</param>
    /// <exception cref="RefusalException">Validation and test tables disagree.</exception>
    public EnsembleReport Evaluate(RunLogits? test)
    {
        var set = Validation.Set;
        var targets = set.RequireTargets();
        var prediction = Fitted.Predict();
        var evaluation = ClassificationMetrics.Evaluate(prediction, targets);
        var submission = test is null ? null : PredictTest(test);
        ImmutableArray<ClassificationReport> single = [.. set.Members.Select(m => ClassificationMetrics.Evaluate(m.Logits.Span, set.Classes, targets))];
        return new EnsembleReport
        {
            DataSet = DataSet,
            Members = [.. Scores(single).OrderByDescending(m => m.Accuracy).ThenBy(m => m.LogLoss).ThenBy(m => m.Name, StringComparer.Ordinal)],
            Rows = set.Rows,
            Method = Method,
            Objective = Objective,
            Combine = Combination.Rule,
            Prediction = prediction,
            Evaluation = evaluation,
            All = ClassificationMetrics.Evaluate(Combine.SoftVote(Fitted.Calibrated), targets),
            SingleModels = single,
            Ladder = MeasureLadder(targets, prediction),
            Warning = FindSmallerEnsemble(prediction, targets),
            Definition = Define(evaluation, submission),
            Test = submission,
            Validation = Validation,
        };
    }

    private IEnumerable<MemberScore> Scores(ImmutableArray<ClassificationReport> single) => Validation.Set.Members.Select((table, m) => new MemberScore(
        table.Metadata.Member, table.Metadata.Model, single[m].Accuracy, single[m].LogLoss, Combination.Weights[m], Combination.Temperatures[m])
    {
        EstimatedBy = table.Metadata.EstimatedBy,
        CalibratedLogLoss = -Resampling.Score(
            Combine.SoftVote(Fitted.Calibrated.WithMembers([m])), Fitted.Calibrated.RequireTargets(), Objective.LogLoss),
    });

    private EnsembleFile Define(ClassificationReport evaluation, TestPrediction? submission)
    {
        var (set, stack) = (Validation.Set, Combination.Stack);
        return new EnsembleFile
        {
            Dataset = DataSet,
            Method = Method,
            Combine = Combination.Rule.ToString().ToLowerInvariant(),
            StackStrength = stack?.Strength,
            StackForm = stack?.Form.ToString().ToLowerInvariant(),
            Aim = Objective.ToString(),
            ValAccuracy = evaluation.Accuracy,
            ValLogLoss = evaluation.LogLoss,
            Classes = StoresClasses ? [.. set.ClassNames] : [],
            Members =
            [
                .. Combination.Members.Select((m, i) => new EnsembleMember
                {
                    Run = set.Members[m].Metadata.Member,
                    Model = set.Members[m].Metadata.Model,
                    Weight = Combination.Weights[m],
                    Temperature = Combination.Temperatures[m],
                    EstimatedBy = set.Members[m].Metadata.EstimatedBy,
                    ClassWeights = Combination.ClassWeights is { } own ? [.. Enumerable.Range(0, set.Classes).Select(c => own[i, c])] : [],
                    Validation = Hashes(Validation, set.Members[m].Metadata.Member),
                    Test = submission is null ? [] : Hashes(submission.Tables, set.Members[m].Metadata.Member),
                }),
            ],
        };
    }

    private static Dictionary<string, string> Hashes(RunLogits tables, string run) =>
        tables.Files[run].ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);

    /// <summary>Scores the members one after another in the order of the largest gain, and then the ensemble itself if it is weighted.</summary>
    private ImmutableArray<LadderStep> MeasureLadder(int[] targets, EnsemblePrediction whole)
    {
        var members = Fitted.Calibrated.WithMembers(Combination.Members);
        var steps = Search.OrderByGain(members, [.. Enumerable.Range(0, members.Members.Length)], Objective);
        var ladder = ImmutableArray.CreateBuilder<LadderStep>(steps.Length + 1);
        for (var i = 0; i < steps.Length; i++)
        {
            var prediction = Combine.SoftVote(members.WithMembers(steps.Take(i + 1).Select(s => s.Added)));
            var gain = i == 0 ? steps[0].Score : steps[i].Score - steps[i - 1].Score;
            ladder.Add(new LadderStep(members.Members[steps[i].Added].Metadata.Member, Resampling.Bootstrap(prediction, targets, Objective), gain));
        }

        if (!Combination.Plain && members.Members.Length > 1)
        {
            var score = Resampling.Bootstrap(whole, targets, Objective);
            var name = Combination.Rule == CombineRule.Soft ? "their weights" : EnsembleSearch.NameOf(Combination.Rule);
            ladder.Add(new LadderStep(name, score, score.Score - steps[^1].Score));
        }

        return ladder.ToImmutable();
    }

    /// <summary>Looks for a smaller ensemble that is as good within noise: the best of each size, or the first steps of the ladder.</summary>
    private string? FindSmallerEnsemble(EnsemblePrediction prediction, int[] targets)
    {
        var members = Combination.Members;
        (int[] Members, Interval Lead)? smaller = null;
        if (Fitted.Scores is { } scores && Combination.Plain)
        {
            smaller = Search.SmallerWithinNoise(Fitted.Calibrated, scores, Objective) is { } found ? (SubsetScores.MembersOf(found.Subset), found.Lead) : null;
        }
        else
        {
            var steps = Search.OrderByGain(Fitted.Calibrated, members, Objective);
            for (var size = 1; size < members.Count && smaller is null; size++)
            {
                int[] first = [.. steps.Take(size).Select(s => s.Added).Order()];
                var lead = Resampling.Difference(prediction, Combine.SoftVote(Fitted.Calibrated.WithMembers(first)), targets, Objective);
                smaller = lead.Low <= 0 ? (first, lead) : null;
            }
        }

        if (smaller is not { } it)
        {
            return null;
        }

        string[] runs = [.. it.Members.Select(m => Validation.Runs[m])];
        return DescribeSmaller(Objective, runs is [var only] ? $"the run {only} alone" : $"the smaller ensemble of {string.Join(" + ", runs)}", it.Lead);
    }

    /// <summary>Describes the lead over a smaller ensemble, which may be the better one where too few rows allowed only the mean of all members.</summary>
    internal static string DescribeSmaller(Objective objective, string smaller, Interval lead)
    {
        var interval = $"95 % interval {ScoreText.Difference(objective, lead.Low)} to {ScoreText.Difference(objective, lead.High)}";
        var points = objective == Objective.LogLoss ? "" : " points";
        return lead.Score >= 0
            ? $"The lead of {ScoreText.Difference(objective, lead.Score)}{points} ({interval}) over {smaller} is within noise."
            : $"The difference to {smaller}, which is better, is {ScoreText.Difference(objective, lead.Score)}{points} ({interval})"
                + (lead.High < 0 ? "." : ", which is within noise.");
    }

    private TestPrediction PredictTest(RunLogits test)
    {
        if (!test.Runs.SequenceEqual(Validation.Runs, StringComparer.Ordinal))
        {
            throw new RefusalException(
                $"The test logits of {DataSet} are of {string.Join(", ", test.Runs)}, expected those of {string.Join(", ", Validation.Runs)} as in validation; "
                + "search again with sketchflow ensemble.");
        }

        if (!test.Set.ClassNames.SequenceEqual(Validation.Set.ClassNames, StringComparer.Ordinal))
        {
            throw new RefusalException($"The test logits of {DataSet} have other classes than its validation logits; run sketchflow predict --run all again.");
        }

        var ids = test.Set.Ids;
        return ids[0] == 0 && ids[^1] == ids.Length - 1
            ? new TestPrediction(test, Combination.Apply(test.Set))
            : throw new RefusalException(
                $"The test logits of {DataSet} have {ids.Length} rows from id {ids[0]} to {ids[^1]}, expected every id from 0 on; "
                + "predict the whole test split.");
    }
}
