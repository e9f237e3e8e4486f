using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Samples;
using SketchFlow.Scoring;

namespace SketchFlow.Pipeline;

/// <summary>How an ensemble's members are chosen.</summary>
public enum EnsembleMethod
{
    /// <summary>Exhaustive where the budget allows, else greedy.</summary>
    Auto,

    /// <summary>Every subset with equal weights.</summary>
    Exhaustive,

    /// <summary>Caruana's greedy selection with replacement.</summary>
    Greedy,

    /// <summary>From the best single model, the best change at a time: add, remove or swap one.</summary>
    Swap,

    /// <summary>Every model with equal weights; nothing is searched.</summary>
    All,
}

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>What is searched for.</summary>
    public Aim Aim { get; init; } = Aim.Accuracy;

    /// <summary>How members are chosen.</summary>
    public EnsembleMethod Method { get; init; } = EnsembleMethod.Auto;

    /// <summary>Whether each member's temperature is fitted on validation first.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>
    /// What a search may cost, in seconds of two cores of 2024. It is reckoned from the numbers of models and rows and not from the clock,
    /// so that a busy machine finds the same ensemble.
    /// </summary>
    public double Seconds { get; init; } = 20;
}

/// <summary>One model's part in an ensemble.</summary>
/// <param name="Name">Run.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Accuracy">Its own top-1 on validation.</param>
/// <param name="LogLoss">Its own mean cross entropy on validation, as trained.</param>
/// <param name="Weight">Its weight in the ensemble; 0 where it was left out.</param>
/// <param name="Temperature">What its logits are divided by.</param>
public sealed record Member(string Name, string Model, double Accuracy, double LogLoss, double Weight, double Temperature);

/// <summary>One rung of the ladder: the ensemble so far.</summary>
/// <param name="Added">The run that came.</param>
/// <param name="Score">The score with it, and its interval.</param>
/// <param name="Gain">The score less that of the rung before; for the first its own.</param>
public sealed record Rung(string Added, Interval Score, double Gain);

/// <summary>What an ensemble came to.</summary>
public sealed record EnsembleReport
{
    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>The models, best first, also those left out.</summary>
    public required ImmutableArray<Member> Members { get; init; }

    /// <summary>Validation rows.</summary>
    public required int Rows { get; init; }

    /// <summary>How it was found, in words.</summary>
    public required string Method { get; init; }

    /// <summary>What was searched for.</summary>
    public required Aim Aim { get; init; }

    /// <summary>The ensemble on validation.</summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>The soft vote of all models on validation, with the same temperatures.</summary>
    public required Evaluation All { get; init; }

    /// <summary>The score that the search reaches on rows it did not see; null where nothing was searched or there are too few rows.</summary>
    public double? HeldOut { get; init; }

    /// <summary>From the best single member to the whole, with equal weights.</summary>
    public ImmutableArray<Rung> Ladder { get; init; } = [];

    /// <summary>A sentence where a smaller ensemble is as good within noise.</summary>
    public string? Warning { get; init; }

    /// <summary>The file with the test predictions; null where there are no test logits.</summary>
    public string? Submission { get; init; }

    /// <summary>The file from which it can be made again.</summary>
    public required string File { get; init; }

    /// <summary>Validation tables of all runs.</summary>
    public required EnsembleTables Validation { get; init; }
}

/// <summary>logits (Parquet) ─> join ─> calibrate ─> search ─> soft vote ─> submission.csv. Plain arrays: neither libtorch nor OpenCV is loaded.</summary>
public static class EnsembleFlow
{
    // Fewer rows than this tell nothing held out.
    private const int FewestRowsHeldOut = 50;

    // A model that has every validation row right would be made infinitely sure of itself, and one that knows nothing infinitely unsure.
    private const double LowestTemperature = 0.2;
    private const double HighestTemperature = 5;

    // Measured: 65,535 subsets of 16 models over 3,000 rows took 0.47 s on two cores.
    private const double SecondsPerSubsetAndRow = 2.5e-9;

    private const int GreedyRounds = 40;

    /// <summary>The data set whose logits were written last.</summary>
    /// <exception cref="RefusalException">There are no logits.</exception>
    public static string NewestDataSet(Artifacts artifacts) =>
        (Directory.Exists(artifacts.Logits) ? Directory.EnumerateFiles(artifacts.Logits, "*.parquet", SearchOption.AllDirectories) : [])
            .Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == EnsembleTables.Validation)
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
        var validation = ReadValidation(artifacts, dataSet, null);
        var set = validation.Set;
        var models = set.Members.Length;
        double[] temperatures = options.Calibrate
            ? [.. Temperature.Fit(set).Select(t => Math.Clamp(t, LowestTemperature, HighestTemperature))]
            : [.. Enumerable.Repeat(1.0, models)];
        var calibrated = set.Calibrated(temperatures);
        var search = Searcher(models, set.Rows, options);
        var (weights, scores) = search.Find(calibrated);
        double? heldOut = models > 1 && options.Method != EnsembleMethod.All && set.Rows >= FewestRowsHeldOut
            ? Honest.HeldOut(calibrated, rest => search.Find(rest).Weights, options.Aim)
            : null;
        return Finish(artifacts, name, new Choice(dataSet, validation, calibrated, temperatures, weights, search.Name, options.Aim), scores, heldOut);
    }

    /// <summary>Makes a kept ensemble again: the same votes from the same tables, whatever other runs there are now.</summary>
    /// <param name="artifacts">Where the logits are and the submission goes.</param>
    /// <param name="file">The ensemble.</param>
    /// <param name="name">Name of the submission.</param>
    /// <exception cref="RefusalException">A table is missing or has changed; nothing is written.</exception>
    public static EnsembleReport Again(Artifacts artifacts, EnsembleFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var members = file.Members.OrderBy(m => m.Run, StringComparer.Ordinal).ToList();
        var validation = ReadValidation(artifacts, file.Dataset, [.. members.Select(m => m.Run)]);
        file.Check(EnsembleTables.Validation, validation.Files);
        double[] temperatures = [.. members.Select(m => m.Temperature)];
        var aim = Enum.TryParse<Aim>(file.Aim, ignoreCase: true, out var known) ? known : Aim.Accuracy;
        return Finish(
            artifacts, name, new Choice(file.Dataset, validation, validation.Set.Calibrated(temperatures), temperatures, [.. members.Select(m => m.Weight)], file.Method, aim), null, null, file);
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
        foreach (var split in new[] { EnsembleTables.Validation, EnsembleTables.Test })
        {
            var tables = EnsembleTables.Read(artifacts, file.Dataset, split, [.. members.Select(m => m.Run)]);
            var row = tables is null ? -1 : Array.BinarySearch(tables.Set.Ids, id);
            if (row < 0)
            {
                continue;
            }

            file.Check(split, tables!.Files);
            var one = tables.Set.Calibrated([.. members.Select(m => m.Temperature)]).Only([row]);
            var whole = Combine.SoftVote(one, [.. members.Select(m => m.Weight)]);
            var votes = members.Select((m, i) => new ExplainedVote(m.Run, m.Weight, Top(Combine.SoftVote(one.With([i]))))).Append(new ExplainedVote("ensemble", members.Sum(m => m.Weight), Top(whole)));
            var target = one.Targets[0];
            return new Explanation(split, id, one.ImagePaths[0], target is { } t ? one.ClassNames[t] : null, [.. votes]);

            ImmutableArray<(string, double)> Top(Vote vote) =>
            [
                .. Enumerable.Range(0, vote.Classes).OrderByDescending(c => c == vote.Predictions[0]).ThenByDescending(c => vote.Row(0)[c]).Take(most)
                    .Select(c => (one.ClassNames[c], vote.Row(0)[c])),
            ];
        }

        throw new RefusalException($"There is no row of id {id} in the validation or test logits of {file.Dataset}; name an id of those tables.");
    }

    private sealed record Choice(
        string DataSet, EnsembleTables Validation, LogitsSet Calibrated, double[] Temperatures, IReadOnlyList<double> Weights, string Method, Aim Aim);

    private sealed record Search(string Name, Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> Find);

    private static Search Searcher(int models, int rows, EnsembleOptions options)
    {
        // Held-out estimates search five times more, on four fifths of the rows each: 5 times the cost in all.
        var cost = 5 * SecondsPerSubsetAndRow * rows * Math.Pow(2, models);
        var method = options.Method switch
        {
            EnsembleMethod.Auto when models == 1 => EnsembleMethod.All,
            EnsembleMethod.Auto => models <= Scoring.Search.MostModels && cost <= options.Seconds ? EnsembleMethod.Exhaustive : EnsembleMethod.Greedy,
            var chosen => chosen,
        };
        return method switch
        {
            EnsembleMethod.All => new(models == 1 ? "the only model" : "all models", set => ([.. Enumerable.Repeat(1.0, set.Members.Length)], null)),
            EnsembleMethod.Greedy => new($"greedy selection of {GreedyRounds} rounds", set => (Doubles(Scoring.Search.Greedy(set, options.Aim, GreedyRounds).Counts), null)),
            EnsembleMethod.Swap => new("stepwise search", set => (Doubles(Scoring.Search.Stepwise(set, [], aim: options.Aim).Counts), null)),
            _ => new($"best of {Math.Pow(2, models) - 1:0} subsets", set =>
            {
                var scores = Scoring.Search.Exhaustive(set, options.Aim);
                return ([.. Enumerable.Range(0, set.Members.Length).Select(m => (double)(scores.Best >> m & 1))], scores);
            }),
        };

        static IReadOnlyList<double> Doubles(ImmutableArray<int> counts) => [.. counts.Select(c => (double)c)];
    }

    private static EnsembleTables ReadValidation(Artifacts artifacts, string dataSet, IReadOnlyCollection<string>? runs) =>
        EnsembleTables.Read(artifacts, dataSet, EnsembleTables.Validation, runs)
        ?? throw new RefusalException($"There are no validation logits of {dataSet} in {artifacts.Logits}; make predict first.");

    /// <summary>Measures the choice and writes what is written: all checks come first.</summary>
    private static EnsembleReport Finish(Artifacts artifacts, string name, Choice choice, SubsetScores? scores, double? heldOut, EnsembleFile? kept = null)
    {
        var set = choice.Validation.Set;
        var targets = set.RequireTargets();
        int[] inside = [.. Enumerable.Range(0, set.Members.Length).Where(m => choice.Weights[m] > 0)];
        if (inside.Length == 0)
        {
            throw new RefusalException("All weights of the ensemble are 0, expected one above; search again with sketchflow ensemble.");
        }

        double[] weights = [.. inside.Select(m => choice.Weights[m])];
        var members = choice.Calibrated.With(inside);
        var vote = Combine.SoftVote(members, weights);
        var ladder = Climb(members, targets, choice.Aim);
        var submission = SubmissionOf(artifacts, choice, inside, weights, kept);
        var file = new EnsembleFile
        {
            Dataset = choice.DataSet,
            Method = choice.Method,
            Aim = choice.Aim.ToString(),
            ValAccuracy = Metrics.Accuracy(vote.Predictions, targets),
            ValLogLoss = Metrics.Evaluate(vote, targets).LogLoss,
            Members =
            [
                .. inside.Select((m, i) => new EnsembleMember
                {
                    Run = set.Members[m].Metadata.Run,
                    Model = set.Members[m].Metadata.Model,
                    Weight = weights[i],
                    Temperature = choice.Temperatures[m],
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
                    var alone = Metrics.Evaluate(table.Logits.Span, set.Classes, targets);
                    return new Member(table.Metadata.Run, table.Metadata.Model, alone.Accuracy, alone.LogLoss, choice.Weights[m], choice.Temperatures[m]);
                }).OrderByDescending(m => m.Accuracy).ThenBy(m => m.LogLoss).ThenBy(m => m.Name, StringComparer.Ordinal),
            ],
            Rows = set.Rows,
            Method = choice.Method,
            Aim = choice.Aim,
            Evaluation = Metrics.Evaluate(vote, targets),
            All = Metrics.Evaluate(Combine.SoftVote(choice.Calibrated), targets),
            HeldOut = heldOut,
            Ladder = ladder,
            Warning = WithinNoise(choice, scores, vote, targets),
            Submission = written,
            File = path,
            Validation = choice.Validation,
        };
    }

    private static ImmutableArray<Rung> Climb(LogitsSet members, int[] targets, Aim aim)
    {
        var steps = Scoring.Search.Ladder(members, [.. Enumerable.Range(0, members.Members.Length)], aim);
        var rungs = ImmutableArray.CreateBuilder<Rung>(steps.Length);
        for (var i = 0; i < steps.Length; i++)
        {
            var vote = Combine.SoftVote(members.With(steps.Take(i + 1).Select(s => s.Added)));
            rungs.Add(new Rung(
                members.Members[steps[i].Added].Metadata.Run, Honest.Bootstrap(vote, targets, aim), i == 0 ? steps[0].Score : steps[i].Score - steps[i - 1].Score));
        }

        return rungs.MoveToImmutable();
    }

    /// <summary>Looks for a smaller ensemble that the winner does not beat beyond noise: the best of each size, or the ladder's lower rungs.</summary>
    private static string? WithinNoise(Choice choice, SubsetScores? scores, Vote vote, int[] targets)
    {
        var inside = Enumerable.Range(0, choice.Weights.Count).Where(m => choice.Weights[m] > 0).ToList();
        (int[] Members, Interval Lead)? smaller = null;
        if (scores is not null)
        {
            smaller = Honest.SmallerWithinNoise(choice.Calibrated, scores, choice.Aim) is { } found ? (SubsetScores.Members(found.Subset), found.Lead) : null;
        }
        else
        {
            var steps = Scoring.Search.Ladder(choice.Calibrated, inside, choice.Aim);
            for (var size = 1; size < inside.Count && smaller is null; size++)
            {
                int[] members = [.. steps.Take(size).Select(s => s.Added).Order()];
                var lead = Honest.Difference(vote, Combine.SoftVote(choice.Calibrated.With(members)), targets, choice.Aim);
                smaller = lead.Low <= 0 ? (members, lead) : null;
            }
        }

        return smaller is { } s
            ? $"The lead of {s.Lead} over the smaller ensemble of {string.Join(" + ", s.Members.Select(m => choice.Validation.Set.Members[m].Metadata.Run))} is within noise."
            : null;
    }

    private static (EnsembleTables Tables, int[] Predictions)? SubmissionOf(Artifacts artifacts, Choice choice, int[] inside, double[] weights, EnsembleFile? kept)
    {
        var validation = choice.Validation;
        string[] runs = [.. inside.Select(m => validation.Set.Members[m].Metadata.Run)];
        // A search looks at every run, so every run must have both splits: a table that is missing is more often forgotten than meant.
        var test = EnsembleTables.Read(artifacts, choice.DataSet, EnsembleTables.Test, kept is null ? null : runs);
        if (test is null)
        {
            return null;
        }

        kept?.Check(EnsembleTables.Test, test.Files);
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

        var vote = Combine.SoftVote(test.Set.Calibrated(choice.Temperatures).With(inside), weights);
        return (test, vote.Predictions);
    }

    private static Dictionary<string, string> Hashes(EnsembleTables tables, int member) =>
        tables.Files[tables.Set.Members[member].Metadata.Run].ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
}

/// <summary>One voter's first classes for an image.</summary>
/// <param name="Run">The run, or <c>ensemble</c>.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Classes">Class names and calibrated probabilities, the most probable first.</param>
public sealed record ExplainedVote(string Run, double Weight, ImmutableArray<(string Class, double Probability)> Classes);

/// <summary>How an ensemble voted on one image.</summary>
/// <param name="Split">val or test.</param>
/// <param name="Id">Row number.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="Target">Its class, where known.</param>
/// <param name="Votes">The members, and the whole last.</param>
public sealed record Explanation(string Split, long Id, string ImagePath, string? Target, ImmutableArray<ExplainedVote> Votes);
