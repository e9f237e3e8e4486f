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

    /// <summary>The mean of greedy selections in random bags of the models.</summary>
    Bagged,

    /// <summary>From the best single model, the best addition at a time.</summary>
    Forward,

    /// <summary>From all models, the best removal at a time.</summary>
    Backward,

    /// <summary>From the best single model, the best change at a time: add, remove or swap one.</summary>
    Swap,

    /// <summary>Greedy selection, and from its weights hill climbing over all weights.</summary>
    Climb,

    /// <summary>Every model with equal weights; nothing is searched.</summary>
    All,
}

/// <summary>Where the weights of the chosen members come from.</summary>
public enum EnsembleWeights
{
    /// <summary>As the search gives them: equal, or how often greedy selection took each.</summary>
    Searched,

    /// <summary>Least log-loss on the simplex.</summary>
    LogLoss,

    /// <summary>Non-negative least squares.</summary>
    LeastSquares,
}

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>What is searched for.</summary>
    public Aim Aim { get; init; } = Aim.Accuracy;

    /// <summary>How members are chosen; searches score soft votes.</summary>
    public EnsembleMethod Method { get; init; } = EnsembleMethod.Auto;

    /// <summary>How the chosen members become one vote.</summary>
    public CombineRule Combine { get; init; } = CombineRule.Soft;

    /// <summary>Where their weights come from.</summary>
    public EnsembleWeights Weights { get; init; } = EnsembleWeights.Searched;

    /// <summary>Whether each member's temperature is fitted on validation first.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Whether the other ways of combining are measured beside it, as far as <see cref="Seconds"/> allows.</summary>
    public bool Compare { get; init; } = true;

    /// <summary>
    /// What a search, and after it the comparison, may each cost, in seconds of two cores of 2024. It is reckoned from the numbers of models, rows and classes and not
    /// from the clock, so that a busy machine finds the same ensemble.
    /// </summary>
    public double Seconds { get; init; } = 20;

    /// <summary>Bytes of logits held in memory; what is beyond lies in scratch files under artifacts, with the same results. By default half of the memory.</summary>
    public long Memory { get; init; } = Room.HalfOfMemory;
}

/// <summary>One way of combining beside the others.</summary>
/// <param name="Name">In words.</param>
/// <param name="Seen">Score on the rows that it was fitted on.</param>
/// <param name="HeldOut">Score with its interval on rows that it did not see, by five folds, everything fitted anew in each; null where there are too few rows.</param>
/// <param name="LogLoss">Log-loss on rows that it did not see, or, where there are too few, that it did.</param>
public sealed record Rival(string Name, double Seen, Interval? HeldOut, double LogLoss);

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

    /// <summary>How members become one vote.</summary>
    public required CombineRule Combine { get; init; }

    /// <summary>
    /// The score on rows that were not seen: calibration, search and weights are made anew without each fifth of the rows, which they then vote on; null where nothing
    /// was searched or there are too few rows.
    /// </summary>
    public Interval? HeldOut { get; init; }

    /// <summary>Other ways of combining, the best on rows not seen first.</summary>
    public ImmutableArray<Rival> Rivals { get; init; } = [];

    /// <summary>Ways of combining that were left out for their cost.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>The ensemble's vote on validation.</summary>
    public required Vote Vote { get; init; }

    /// <summary>From the best single member to the whole with equal weights, and then, where it is no plain soft vote, the ensemble as it is.</summary>
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

    // Reckoned from the passes that a fit takes over rows x classes x models, a few nanoseconds each on two cores.
    private const double SecondsPerNumber = 4e-9;

    /// <summary>Where what does not fit in memory lies while it is worked on.</summary>
    public static Room RoomOf(Artifacts artifacts, long memory)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        return new Room(memory, Path.Combine(artifacts.Root, "scratch"));
    }

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
        var room = RoomOf(artifacts, options.Memory);
        var validation = ReadValidation(artifacts, dataSet, null, room);
        var set = validation.Set;
        var search = Searcher(set.Members.Length, set.Rows, options);
        var (combination, scores) = Fit(set, search, options);
        var enough = set.Members.Length > 1 && set.Rows >= FewestRowsHeldOut;
        var vote = enough && (search.Searches || !combination.Plain) ? Honest.HeldOutVote(set, rest => Fit(rest, search, options).Combination.Of) : null;
        var report = Finish(artifacts, name, new Choice(dataSet, validation, combination, Describe(search, combination, options), options.Aim), scores, vote);
        // The submission is written; what follows only tells more.
        var (rivals, leftOut) = options.Compare && set.Members.Length > 1 ? Compete(set, enough, options) : ([], []);
        return report with { Rivals = rivals, LeftOut = leftOut };
    }

    /// <summary>Makes a kept ensemble again: the same votes from the same tables, whatever other runs there are now.</summary>
    /// <param name="artifacts">Where the logits are and the submission goes.</param>
    /// <param name="file">The ensemble.</param>
    /// <param name="name">Name of the submission.</param>
    /// <exception cref="RefusalException">A table is missing or has changed; nothing is written.</exception>
    public static EnsembleReport Again(Artifacts artifacts, EnsembleFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (validation, combination) = Restore(artifacts, file, RoomOf(artifacts, Room.HalfOfMemory));
        var aim = Enum.TryParse<Aim>(file.Aim, ignoreCase: true, out var known) ? known : Aim.Accuracy;
        return Finish(artifacts, name, new Choice(file.Dataset, validation, combination, file.Method, aim), null, null, file);
    }

    /// <summary>A kept ensemble's validation tables, held against its hashes, and its combination: what has to be fitted again is fitted on them.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed, or the file says what no ensemble can.</exception>
    public static (EnsembleTables Validation, Combination Combination) Restore(Artifacts artifacts, EnsembleFile file, Room? room = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var members = file.Members.OrderBy(m => m.Run, StringComparer.Ordinal).ToList();
        var validation = ReadValidation(artifacts, file.Dataset, [.. members.Select(m => m.Run)], room);
        file.Check(EnsembleTables.Validation, validation.Files);
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
        foreach (var split in new[] { EnsembleTables.Validation, EnsembleTables.Test })
        {
            var tables = EnsembleTables.Read(artifacts, file.Dataset, split, [.. members.Select(m => m.Run)]);
            var row = tables is null ? -1 : Array.BinarySearch(tables.Set.Ids, id);
            if (row < 0)
            {
                continue;
            }

            file.Check(split, tables!.Files);
            var single = tables.Set.Only([row]);
            var whole = combination.Of(single);
            var one = single.Calibrated(combination.Temperatures);
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

    private sealed record Choice(string DataSet, EnsembleTables Validation, Combination Combination, string Method, Aim Aim);

    private sealed record Search(string Name, bool Searches, Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> Find);

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
        Search Path(string name, Func<LogitsSet, SearchPath> find) => new(name, true, set => (find(set).Weights, null));
        return method switch
        {
            EnsembleMethod.All => new(models == 1 ? "the only model" : "all models", false, set => ([.. Enumerable.Repeat(1.0, set.Members.Length)], null)),
            EnsembleMethod.Greedy => Path($"greedy selection of {GreedyRounds} rounds", set => Scoring.Search.Greedy(set, options.Aim, GreedyRounds)),
            EnsembleMethod.Bagged => new("greedy selection in 20 bags", true, set => (Scoring.Search.Bagged(set, options.Aim, new BaggingOptions { Selection = new() { Rounds = 20 } }).Weights, null)),
            EnsembleMethod.Forward => Path("forward search", set => Scoring.Search.Forward(set, options.Aim)),
            EnsembleMethod.Backward => Path("backward search", set => Scoring.Search.Backward(set, options.Aim)),
            EnsembleMethod.Swap => Path("stepwise search", set => Scoring.Search.Stepwise(set, [], aim: options.Aim)),
            EnsembleMethod.Climb => new($"greedy selection of {GreedyRounds} rounds and hill climbing", true, set =>
                (Scoring.Search.HillClimb(set, Scoring.Search.Greedy(set, options.Aim, GreedyRounds).Counts, options.Aim).Weights, null)),
            _ => new($"best of {Math.Pow(2, models) - 1:0} subsets", true, set =>
            {
                var scores = Scoring.Search.Exhaustive(set, options.Aim);
                return ([.. Enumerable.Range(0, set.Members.Length).Select(m => (double)(scores.Best >> m & 1))], scores);
            }),
        };
    }

    private static string Describe(Search search, Combination combination, EnsembleOptions options) => search.Name
        + (options.Weights, combination.Rule) switch
        {
            (_, CombineRule.PerClass or CombineRule.Stacked) or (EnsembleWeights.Searched, _) => "",
            (EnsembleWeights.LogLoss, _) => ", weights of least log-loss",
            _ => ", weights by least squares",
        }
        + (combination.Rule == CombineRule.Soft ? "" : $", {Words(combination.Rule)}");

    /// <summary>A rule in words.</summary>
    public static string Words(CombineRule rule) => rule switch
    {
        CombineRule.Soft => "soft vote",
        CombineRule.Logits => "vote on logits",
        CombineRule.Rank => "rank average",
        CombineRule.Hard => "hard vote",
        CombineRule.PerClass => "weights by class",
        _ => "stacked",
    };

    /// <summary>Everything that is fitted, on the rows of the set: temperatures, members, weights.</summary>
    private static (Combination Combination, SubsetScores? Scores) Fit(LogitsSet set, Search search, EnsembleOptions options)
    {
        double[] temperatures = options.Calibrate
            ? [.. Temperature.Fit(set).Select(t => Math.Clamp(t, LowestTemperature, HighestTemperature))]
            : [.. Enumerable.Repeat(1.0, set.Members.Length)];
        var calibrated = set.Calibrated(temperatures);
        var (weights, scores) = search.Find(calibrated);
        var combination = new Combination { Rule = options.Combine, Temperatures = [.. temperatures], Weights = [.. weights] };
        var members = calibrated.With(combination.Members);
        var fitted = (options.Combine, options.Weights) switch
        {
            (CombineRule.PerClass, _) => combination with { ClassWeights = Weights.PerClass(members) },
            (CombineRule.Stacked, _) => combination with { Stack = Stacking.CrossValidate(members).Model },
            (CombineRule.Logits, EnsembleWeights.LogLoss) => Weighted(Weights.OfLogits(members)),
            (_, EnsembleWeights.LogLoss) => Weighted(Weights.ByLogLoss(members)),
            (_, EnsembleWeights.LeastSquares) => Weighted(Weights.ByLeastSquares(members)),
            _ => combination,
        };
        return (fitted, scores);

        Combination Weighted(double[] own)
        {
            // Weights that vanish are no members; expectation-maximisation comes near 0 and never there.
            var all = new double[weights.Count];
            var inside = combination.Members;
            for (var i = 0; i < inside.Count; i++)
            {
                all[inside[i]] = own[i] < 1e-6 ? 0 : own[i];
            }

            return combination with { Weights = [.. all] };
        }
    }

    /// <summary>All models combined in every way that the budget allows, each on rows that it did not see.</summary>
    private static (ImmutableArray<Rival> Rivals, ImmutableArray<string> LeftOut) Compete(LogitsSet set, bool enough, EnsembleOptions options)
    {
        var targets = set.RequireTargets();
        var all = options with { Method = EnsembleMethod.All, Weights = EnsembleWeights.Searched };
        double numbers = (double)set.Rows * set.Classes * set.Members.Length;
        var form = Stacking.FormOf(set.Rows, set.Members.Length, set.Classes, StackForm.Auto);
        // A fit and five more; a stack is fitted 26 times in each, for its strengths and folds.
        var stack = 6 * 26 * 60 * (form == StackForm.Full ? numbers * set.Classes / 4 : numbers);
        (string Name, EnsembleOptions Options, double Passes)[] ways =
        [
            ("soft vote of all", all with { Combine = CombineRule.Soft }, 30 * numbers),
            ("vote on logits of all", all with { Combine = CombineRule.Logits }, 30 * numbers),
            ("rank average of all", all with { Combine = CombineRule.Rank }, 60 * numbers),
            ("hard vote of all", all with { Combine = CombineRule.Hard }, 30 * numbers),
            ("soft vote, weights of least log-loss", all with { Weights = EnsembleWeights.LogLoss }, 60 * numbers),
            ("soft vote, weights by least squares", all with { Weights = EnsembleWeights.LeastSquares }, 6 * numbers * set.Members.Length),
            ("soft vote, greedy selection", options with { Method = EnsembleMethod.Greedy, Combine = CombineRule.Soft, Weights = EnsembleWeights.Searched }, 6.0 * GreedyRounds * numbers),
            ("soft vote, bagged selection", options with { Method = EnsembleMethod.Bagged, Combine = CombineRule.Soft, Weights = EnsembleWeights.Searched }, 6.0 * 200 * numbers),
            ("vote on logits, weights of least log-loss", all with { Combine = CombineRule.Logits, Weights = EnsembleWeights.LogLoss }, 6 * 200 * numbers),
            ("weights by class", all with { Combine = CombineRule.PerClass }, 6 * 400 * numbers),
            ("stacked", all with { Combine = CombineRule.Stacked }, stack),
        ];
        var (rivals, leftOut) = (new List<Rival>(), new List<string>());
        var left = options.Seconds;
        foreach (var (name, own, passes) in ways)
        {
            if (passes * SecondsPerNumber > left)
            {
                leftOut.Add(name);
                continue;
            }

            left -= passes * SecondsPerNumber;
            var search = Searcher(set.Members.Length, set.Rows, own);
            var seen = Fit(set, search, own).Combination.Of(set);
            var unseen = enough ? Honest.HeldOutVote(set, rest => Fit(rest, search, own).Combination.Of) : null;
            rivals.Add(new Rival(
                name,
                Honest.Score(seen, targets, options.Aim),
                unseen is null ? null : Honest.Bootstrap(unseen, targets, options.Aim),
                -Honest.Score(unseen ?? seen, targets, Aim.LogLoss)));
        }

        return ([.. rivals.OrderByDescending(r => r.HeldOut?.Score ?? r.Seen).ThenBy(r => r.LogLoss)], [.. leftOut]);
    }

    private static EnsembleTables ReadValidation(Artifacts artifacts, string dataSet, IReadOnlyCollection<string>? runs, Room? room = null) =>
        EnsembleTables.Read(artifacts, dataSet, EnsembleTables.Validation, runs, room)
        ?? throw new RefusalException($"There are no validation logits of {dataSet} in {artifacts.Logits}; make predict first.");

    /// <summary>Measures the choice and writes what is written: all checks come first.</summary>
    private static EnsembleReport Finish(Artifacts artifacts, string name, Choice choice, SubsetScores? scores, Vote? heldOut, EnsembleFile? kept = null)
    {
        var set = choice.Validation.Set;
        var targets = set.RequireTargets();
        var combination = choice.Combination;
        var inside = combination.Members;
        if (inside.Count == 0)
        {
            throw new RefusalException("All weights of the ensemble are 0, expected one above; search again with sketchflow ensemble.");
        }

        var vote = combination.Of(set);
        var evaluation = Metrics.Evaluate(vote, targets);
        var calibrated = set.Calibrated(combination.Temperatures);
        var ladder = Climb(calibrated.With(inside), targets, choice, vote);
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
                    var alone = Metrics.Evaluate(table.Logits.Span, set.Classes, targets);
                    return new Member(table.Metadata.Run, table.Metadata.Model, alone.Accuracy, alone.LogLoss, combination.Weights[m], combination.Temperatures[m]);
                }).OrderByDescending(m => m.Accuracy).ThenBy(m => m.LogLoss).ThenBy(m => m.Name, StringComparer.Ordinal),
            ],
            Rows = set.Rows,
            Method = choice.Method,
            Aim = choice.Aim,
            Combine = combination.Rule,
            Vote = vote,
            Evaluation = evaluation,
            All = Metrics.Evaluate(Combine.SoftVote(calibrated), targets),
            HeldOut = heldOut is null ? null : Honest.Bootstrap(heldOut, targets, choice.Aim),
            Ladder = ladder,
            Warning = WithinNoise(choice, calibrated, scores, vote, targets),
            Submission = written,
            File = path,
            Validation = choice.Validation,
        };
    }

    private static ImmutableArray<Rung> Climb(LogitsSet members, int[] targets, Choice choice, Vote whole)
    {
        var aim = choice.Aim;
        var steps = Scoring.Search.Ladder(members, [.. Enumerable.Range(0, members.Members.Length)], aim);
        var rungs = ImmutableArray.CreateBuilder<Rung>(steps.Length + 1);
        for (var i = 0; i < steps.Length; i++)
        {
            var vote = Combine.SoftVote(members.With(steps.Take(i + 1).Select(s => s.Added)));
            rungs.Add(new Rung(
                members.Members[steps[i].Added].Metadata.Run, Honest.Bootstrap(vote, targets, aim), i == 0 ? steps[0].Score : steps[i].Score - steps[i - 1].Score));
        }

        if (!choice.Combination.Plain && members.Members.Length > 1)
        {
            var score = Honest.Bootstrap(whole, targets, aim);
            rungs.Add(new Rung(choice.Combination.Rule == CombineRule.Soft ? "their weights" : Words(choice.Combination.Rule), score, score.Score - steps[^1].Score));
        }

        return rungs.ToImmutable();
    }

    /// <summary>Looks for a smaller ensemble that the winner does not beat beyond noise: the best of each size, or the ladder's lower rungs.</summary>
    private static string? WithinNoise(Choice choice, LogitsSet calibrated, SubsetScores? scores, Vote vote, int[] targets)
    {
        var inside = choice.Combination.Members;
        (int[] Members, Interval Lead)? smaller = null;
        if (scores is not null && choice.Combination.Plain)
        {
            smaller = Honest.SmallerWithinNoise(calibrated, scores, choice.Aim) is { } found ? (SubsetScores.Members(found.Subset), found.Lead) : null;
        }
        else
        {
            var steps = Scoring.Search.Ladder(calibrated, inside, choice.Aim);
            for (var size = 1; size < inside.Count && smaller is null; size++)
            {
                int[] members = [.. steps.Take(size).Select(s => s.Added).Order()];
                var lead = Honest.Difference(vote, Combine.SoftVote(calibrated.With(members)), targets, choice.Aim);
                smaller = lead.Low <= 0 ? (members, lead) : null;
            }
        }

        return smaller is { } s
            ? $"The lead of {s.Lead} over the smaller ensemble of {string.Join(" + ", s.Members.Select(m => choice.Validation.Set.Members[m].Metadata.Run))} is within noise."
            : null;
    }

    private static (EnsembleTables Tables, int[] Predictions)? SubmissionOf(Artifacts artifacts, Choice choice, EnsembleFile? kept)
    {
        var validation = choice.Validation;
        // A search looks at every run, so every run must have both splits: a table that is missing is more often forgotten than meant.
        var test = EnsembleTables.Read(artifacts, choice.DataSet, EnsembleTables.Test, kept is null ? null : validation.Runs, validation.Set.Room);
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

        return (test, choice.Combination.Of(test.Set).Predictions);
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
