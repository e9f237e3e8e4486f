using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>logits (Parquet) ─> join ─> calibrate ─> search ─> soft vote ─> submission.csv. Plain arrays: neither libtorch nor OpenCV is loaded.</summary>
public static class EnsembleJob
{
    // Fewer rows than this tell nothing held out.
    private const int FewestRowsHeldOut = 50;

    /// <summary>Where what does not fit in memory lies while it is worked on.</summary>
    public static ScratchArena CreateArena(Artifacts artifacts, long memory)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        return new ScratchArena(memory, Path.Combine(artifacts.Root, "scratch"));
    }

    /// <summary>The data set whose logits were written last.</summary>
    /// <exception cref="RefusalException">There are no logits.</exception>
    public static string FindNewestDataSet(Artifacts artifacts) =>
        (Directory.Exists(artifacts.Logits) ? Directory.EnumerateFiles(artifacts.Logits, "*.parquet", SearchOption.AllDirectories) : [])
            .Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == RunLogits.Validation)
            .OrderByDescending(File.GetLastWriteTimeUtc).ThenBy(f => f, StringComparer.Ordinal)
            .Select(f => Path.GetRelativePath(artifacts.Logits, Path.GetDirectoryName(Path.GetDirectoryName(f)!)!))
            .FirstOrDefault()
        ?? throw new RefusalException($"There are no validation logits in {artifacts.Logits}; make predict first.");

    /// <summary>Finds the best ensemble of the runs of a data set on validation, keeps it and writes its test submission.</summary>
    /// <param name="artifacts">Where the logits are and the submission goes.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="name">Name of the ensemble and its submission.</param>
    /// <param name="options">The search.</param>
    /// <exception cref="RefusalException">Tables are missing or do not fit together; nothing is written.</exception>
    public static EnsembleReport Run(Artifacts artifacts, string dataSet, string name, EnsembleOptions? options = null)
    {
        options ??= new EnsembleOptions();
        var room = CreateArena(artifacts, options.Memory);
        var validation = ReadValidation(artifacts, dataSet, null, room);
        var set = validation.Set;
        var search = EnsembleSearch.For(set.Members.Length, set.Rows, options);
        var (combination, scores) = search.Fit(set);
        var enough = set.Members.Length > 1 && set.Rows >= FewestRowsHeldOut;
        var vote = enough && (search.Searches || !combination.Plain) ? Resampling.HeldOutPrediction(set, rest => search.Fit(rest).Combination.Apply) : null;
        var report = Finish(artifacts, name, new Selection(dataSet, validation, combination, search.Describe(combination), options.Objective), scores, vote);
        // The submission is written; what follows only tells more.
        var (rivals, leftOut) = options.Compare && set.Members.Length > 1 ? EnsembleCandidates.Evaluate(set, enough, options) : ([], []);
        return report with { Candidates = rivals, Skipped = leftOut };
    }

    /// <summary>Makes a kept ensemble again: the same votes from the same tables, whatever other runs there are now.</summary>
    /// <param name="artifacts">Where the logits are and the submission goes.</param>
    /// <param name="file">The ensemble.</param>
    /// <param name="name">Name of the submission.</param>
    /// <exception cref="RefusalException">A table is missing or has changed; nothing is written.</exception>
    public static EnsembleReport Rebuild(Artifacts artifacts, EnsembleFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (validation, combination) = Restore(artifacts, file, CreateArena(artifacts, ScratchArena.HalfOfMemory));
        var aim = Enum.TryParse<Objective>(file.Aim, ignoreCase: true, out var known) ? known : Objective.Accuracy;
        return Finish(artifacts, name, new Selection(file.Dataset, validation, combination, file.Method, aim), null, null, file);
    }

    /// <summary>A kept ensemble's validation tables, held against its hashes, and its combination: what has to be fitted again is fitted on them.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed, or the file says what no ensemble can.</exception>
    public static (RunLogits Validation, Combination Combination) Restore(Artifacts artifacts, EnsembleFile file, ScratchArena? arena = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var members = file.Members.OrderBy(m => m.Run, StringComparer.Ordinal).ToList();
        var validation = ReadValidation(artifacts, file.Dataset, [.. members.Select(m => m.Run)], arena);
        file.Verify(RunLogits.Validation, validation.Files);
        if (!Enum.TryParse<CombineRule>(file.Combine, ignoreCase: true, out var rule))
        {
            throw new RefusalException($"The ensemble combines by '{file.Combine}', expected one of {string.Join(", ", Enum.GetNames<CombineRule>())}; search again with sketchflow ensemble.");
        }

        var combination = new Combination { Rule = rule, Temperatures = [.. members.Select(m => m.Temperature)], Weights = [.. members.Select(m => m.Weight)] };
        if (rule == CombineRule.PerClass)
        {
            var classes = validation.Set.Classes;
            var weights = new double[members.Count, classes];
            for (var m = 0; m < members.Count; m++)
            {
                if (members[m].ClassWeights.Count != classes)
                {
                    throw new RefusalException($"The ensemble has {members[m].ClassWeights.Count} class weights of {members[m].Run}, expected {classes}; search again with sketchflow ensemble.");
                }

                for (var c = 0; c < classes; c++)
                {
                    weights[m, c] = members[m].ClassWeights[c];
                }
            }

            combination = combination with { ClassWeights = weights };
        }

        if (rule == CombineRule.Stacked)
        {
            var form = Enum.TryParse<StackForm>(file.StackForm, ignoreCase: true, out var known) ? known : StackForm.Auto;
            combination = combination with
            {
                Stack = Stacking.Fit(validation.Set.Calibrated(combination.Temperatures), file.StackStrength ?? 0, new StackingOptions { Form = form }),
            };
        }

        return (validation, combination);
    }

    /// <summary>How every member of a kept ensemble voted on one image, the members in order and the whole last.</summary>
    /// <param name="artifacts">Where the logits are.</param>
    /// <param name="file">The ensemble.</param>
    /// <param name="id">Row number, looked for on validation and then on test.</param>
    /// <param name="most">Classes a vote.</param>
    /// <exception cref="RefusalException">No split has that id.</exception>
    public static Explanation Explain(Artifacts artifacts, EnsembleFile file, long id, int most = 3)
    {
        ArgumentNullException.ThrowIfNull(file);
        var members = file.Members.OrderBy(m => m.Run, StringComparer.Ordinal).ToList();
        var combination = Restore(artifacts, file).Combination;
        foreach (var split in new[] { RunLogits.Validation, RunLogits.Test })
        {
            var tables = RunLogits.Read(artifacts, file.Dataset, split, [.. members.Select(m => m.Run)]);
            var row = tables is null ? -1 : Array.BinarySearch(tables.Set.Ids, id);
            if (row < 0)
            {
                continue;
            }

            file.Verify(split, tables!.Files);
            var single = tables.Set.WithRows([row]);
            var whole = combination.Apply(single);
            var one = single.Calibrated(combination.Temperatures);
            var votes = members.Select((m, i) => new ExplainedPrediction(m.Run, m.Weight, Top(Combine.SoftVote(one.WithMembers([i]))))).Append(new ExplainedPrediction("ensemble", members.Sum(m => m.Weight), Top(whole)));
            var target = one.Targets[0];
            return new Explanation(split, id, one.ImagePaths[0], target is { } t ? one.ClassNames[t] : null, [.. votes]);

            ImmutableArray<(string, double)> Top(EnsemblePrediction vote) =>
            [
                .. Enumerable.Range(0, vote.Classes).OrderByDescending(c => c == vote.Predictions[0]).ThenByDescending(c => vote.Row(0)[c]).Take(most)
                    .Select(c => (one.ClassNames[c], vote.Row(0)[c])),
            ];
        }

        throw new RefusalException($"There is no row of id {id} in the validation or test logits of {file.Dataset}; name an id of those tables.");
    }

    private sealed record Selection(string DataSet, RunLogits Validation, Combination Combination, string Method, Objective Aim);

    private static RunLogits ReadValidation(Artifacts artifacts, string dataSet, IReadOnlyCollection<string>? runs, ScratchArena? arena = null) =>
        RunLogits.Read(artifacts, dataSet, RunLogits.Validation, runs, arena)
        ?? throw new RefusalException($"There are no validation logits of {dataSet} in {artifacts.Logits}; make predict first.");

    /// <summary>Measures the choice and writes what is written: all checks come first.</summary>
    private static EnsembleReport Finish(Artifacts artifacts, string name, Selection choice, SubsetScores? scores, EnsemblePrediction? heldOut, EnsembleFile? kept = null)
    {
        var set = choice.Validation.Set;
        var targets = set.RequireTargets();
        var combination = choice.Combination;
        var inside = combination.Members;
        if (inside.Count == 0)
        {
            throw new RefusalException("All weights of the ensemble are 0, expected one above; search again with sketchflow ensemble.");
        }

        var vote = combination.Apply(set);
        var evaluation = ClassificationMetrics.Evaluate(vote, targets);
        var calibrated = set.Calibrated(combination.Temperatures);
        var ladder = Climb(calibrated.WithMembers(inside), targets, choice, vote);
        var submission = SubmissionOf(artifacts, choice, kept);
        var file = new EnsembleFile
        {
            Dataset = choice.DataSet,
            Method = choice.Method,
            Combine = combination.Rule.ToString().ToLowerInvariant(),
            StackStrength = combination.Stack?.Strength,
            StackForm = combination.Stack?.Form.ToString().ToLowerInvariant(),
            Aim = choice.Aim.ToString(),
            ValAccuracy = evaluation.Accuracy,
            ValLogLoss = evaluation.LogLoss,
            Members =
            [
                .. inside.Select((m, i) => new EnsembleMember
                {
                    Run = set.Members[m].Metadata.Run,
                    Model = set.Members[m].Metadata.Model,
                    Weight = combination.Weights[m],
                    Temperature = combination.Temperatures[m],
                    ClassWeights = combination.ClassWeights is { } own ? [.. Enumerable.Range(0, set.Classes).Select(c => own[i, c])] : [],
                    Validation = Hashes(choice.Validation, m),
                    Test = submission is null ? [] : Hashes(submission.Value.Tables, submission.Value.Tables.Runs.IndexOf(set.Members[m].Metadata.Run)),
                }),
            ],
        };
        var path = EnsembleFile.PathOf(artifacts, name);
        file.Save(path);
        string? written = null;
        if (submission is { } s)
        {
            written = Path.Combine(artifacts.Submissions, $"{name}.csv");
            Submission.Write(written, s.Tables.Set.Ids, s.Tables.Set.ImagePaths, s.Predictions, s.Tables.Set.Rows);
        }

        return new EnsembleReport
        {
            DataSet = choice.DataSet,
            Members =
            [
                .. set.Members.Select((table, m) =>
                {
                    var alone = ClassificationMetrics.Evaluate(table.Logits.Span, set.Classes, targets);
                    return new MemberScore(table.Metadata.Run, table.Metadata.Model, alone.Accuracy, alone.LogLoss, combination.Weights[m], combination.Temperatures[m]);
                }).OrderByDescending(m => m.Accuracy).ThenBy(m => m.LogLoss).ThenBy(m => m.Name, StringComparer.Ordinal),
            ],
            Rows = set.Rows,
            Method = choice.Method,
            Objective = choice.Aim,
            Combine = combination.Rule,
            Prediction = vote,
            Evaluation = evaluation,
            All = ClassificationMetrics.Evaluate(Combine.SoftVote(calibrated), targets),
            HeldOut = heldOut is null ? null : Resampling.Bootstrap(heldOut, targets, choice.Aim),
            Ladder = ladder,
            Warning = WithinNoise(choice, calibrated, scores, vote, targets),
            Submission = written,
            File = path,
            Validation = choice.Validation,
        };
    }

    private static ImmutableArray<LadderStep> Climb(LogitsSet members, int[] targets, Selection choice, EnsemblePrediction whole)
    {
        var aim = choice.Aim;
        var steps = Search.OrderByGain(members, [.. Enumerable.Range(0, members.Members.Length)], aim);
        var rungs = ImmutableArray.CreateBuilder<LadderStep>(steps.Length + 1);
        for (var i = 0; i < steps.Length; i++)
        {
            var vote = Combine.SoftVote(members.WithMembers(steps.Take(i + 1).Select(s => s.Added)));
            rungs.Add(new LadderStep(
                members.Members[steps[i].Added].Metadata.Run, Resampling.Bootstrap(vote, targets, aim), i == 0 ? steps[0].Score : steps[i].Score - steps[i - 1].Score));
        }

        if (!choice.Combination.Plain && members.Members.Length > 1)
        {
            var score = Resampling.Bootstrap(whole, targets, aim);
            rungs.Add(new LadderStep(choice.Combination.Rule == CombineRule.Soft ? "their weights" : EnsembleSearch.NameOf(choice.Combination.Rule), score, score.Score - steps[^1].Score));
        }

        return rungs.ToImmutable();
    }

    /// <summary>Looks for a smaller ensemble that the winner does not beat beyond noise: the best of each size, or the ladder's lower rungs.</summary>
    private static string? WithinNoise(Selection choice, LogitsSet calibrated, SubsetScores? scores, EnsemblePrediction vote, int[] targets)
    {
        var inside = choice.Combination.Members;
        (int[] Members, Interval Lead)? smaller = null;
        if (scores is not null && choice.Combination.Plain)
        {
            smaller = Resampling.SmallerWithinNoise(calibrated, scores, choice.Aim) is { } found ? (SubsetScores.MembersOf(found.Subset), found.Lead) : null;
        }
        else
        {
            var steps = Search.OrderByGain(calibrated, inside, choice.Aim);
            for (var size = 1; size < inside.Count && smaller is null; size++)
            {
                int[] members = [.. steps.Take(size).Select(s => s.Added).Order()];
                var lead = Resampling.Difference(vote, Combine.SoftVote(calibrated.WithMembers(members)), targets, choice.Aim);
                smaller = lead.Low <= 0 ? (members, lead) : null;
            }
        }

        return smaller is { } s
            ? $"The lead of {s.Lead} over the smaller ensemble of {string.Join(" + ", s.Members.Select(m => choice.Validation.Set.Members[m].Metadata.Run))} is within noise."
            : null;
    }

    private static (RunLogits Tables, int[] Predictions)? SubmissionOf(Artifacts artifacts, Selection choice, EnsembleFile? kept)
    {
        var validation = choice.Validation;
        // A search looks at every run, so every run must have both splits: a table that is missing is more often forgotten than meant.
        var test = RunLogits.Read(artifacts, choice.DataSet, RunLogits.Test, kept is null ? null : validation.Runs, validation.Set.Arena);
        if (test is null)
        {
            return null;
        }

        kept?.Verify(RunLogits.Test, test.Files);
        var missing = validation.Runs.Except(test.Runs, StringComparer.Ordinal).ToList();
        var extra = test.Runs.Except(validation.Runs, StringComparer.Ordinal).ToList();
        if (missing.Count + extra.Count > 0)
        {
            throw new RefusalException(
                $"Validation and test logits of {choice.DataSet} are not of the same runs: "
                + (missing.Count > 0 ? $"{string.Join(", ", missing)} is missing for test; " : "")
                + (extra.Count > 0 ? $"{string.Join(", ", extra)} is missing for val; " : "")
                + "run make predict RUN=… for it, or delete the table.");
        }

        if (!test.Set.ClassNames.SequenceEqual(validation.Set.ClassNames, StringComparer.Ordinal))
        {
            throw new RefusalException($"The test logits of {choice.DataSet} have other classes than its validation logits; run make predict RUN=all again.");
        }

        var ids = test.Set.Ids;
        if (ids[0] != 0 || ids[^1] != ids.Length - 1)
        {
            throw new RefusalException($"The test logits of {choice.DataSet} have {ids.Length} rows from id {ids[0]} to {ids[^1]}, expected every id from 0 on; predict over the whole test split.");
        }

        return (test, choice.Combination.Apply(test.Set).Predictions);
    }

    private static Dictionary<string, string> Hashes(RunLogits tables, int member) =>
        tables.Files[tables.Set.Members[member].Metadata.Run].ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
}
