using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>A way to choose members and to weigh them, ready to be fitted on the rows of any set, so that folds can fit everything anew.</summary>
internal sealed class EnsembleSearch
{
    // A model that has every validation row right would be made infinitely sure of itself, and one that knows nothing infinitely unsure.
    private const double LowestTemperature = 0.2;
    private const double HighestTemperature = 5;

    // Measured: 65,535 subsets of 16 models over 3,000 rows took 0.47 s on two cores.
    private const double SecondsPerSubsetAndRow = 2.5e-9;

    /// <summary>Rounds of greedy selection.</summary>
    public const int GreedyRounds = 40;

    private readonly EnsembleOptions _options;
    private readonly Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> _find;

    private EnsembleSearch(string name, bool searches, EnsembleOptions options, Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> find) =>
        (Name, Searches, _options, _find) = (name, searches, options, find);

    /// <summary>In words.</summary>
    public string Name { get; }

    /// <summary>False where nothing is chosen: all members with equal weights.</summary>
    public bool Searches { get; }

    /// <summary>The search that the options ask for; <see cref="EnsembleMethod.Auto"/> is decided by the cost.</summary>
    /// <param name="models">How many models there are.</param>
    /// <param name="rows">How many validation rows.</param>
    /// <param name="options">The options.</param>
    public static EnsembleSearch For(int models, int rows, EnsembleOptions options)
    {
        // Held-out estimates search five times more, on four fifths of the rows each: 5 times the cost in all.
        var cost = 5 * SecondsPerSubsetAndRow * rows * Math.Pow(2, models);
        var method = options.Method switch
        {
            EnsembleMethod.Auto when models == 1 => EnsembleMethod.All,
            EnsembleMethod.Auto => models <= Search.MostModels && cost <= options.Seconds ? EnsembleMethod.Exhaustive : EnsembleMethod.Greedy,
            var chosen => chosen,
        };
        EnsembleSearch Of(string name, bool searches, Func<LogitsSet, (IReadOnlyList<double>, SubsetScores?)> find) => new(name, searches, options, find);
        EnsembleSearch Path(string name, Func<LogitsSet, SearchPath> find) => Of(name, true, set => (find(set).Weights, null));
        return method switch
        {
            EnsembleMethod.All => Of(models == 1 ? "the only model" : "all models", false, set => ([.. Enumerable.Repeat(1.0, set.Members.Length)], null)),
            EnsembleMethod.Greedy => Path($"greedy selection of {GreedyRounds} rounds", set => Search.Greedy(set, options.Objective, GreedyRounds)),
            EnsembleMethod.Bagged => Of("greedy selection in 20 bags", true, set => (Search.Bagged(set, options.Objective, new BaggingOptions { Selection = new() { Rounds = 20 } }).Weights, null)),
            EnsembleMethod.Forward => Path("forward search", set => Search.Forward(set, options.Objective)),
            EnsembleMethod.Backward => Path("backward search", set => Search.Backward(set, options.Objective)),
            EnsembleMethod.Swap => Path("stepwise search", set => Search.Stepwise(set, [], objective: options.Objective)),
            EnsembleMethod.Climb => Of($"greedy selection of {GreedyRounds} rounds and hill climbing", true, set =>
                (Search.HillClimb(set, Search.Greedy(set, options.Objective, GreedyRounds).Counts, options.Objective).Weights, null)),
            _ => Of($"best of {Math.Pow(2, models) - 1:0} subsets", true, set =>
            {
                var scores = Search.Exhaustive(set, options.Objective);
                return ([.. Enumerable.Range(0, set.Members.Length).Select(m => (double)(scores.Best >> m & 1))], scores);
            }),
        };
    }

    /// <summary>What was done, in words.</summary>
    public string Describe(Combination combination) => Name
        + (_options.Weights, combination.Rule) switch
        {
            (_, CombineRule.PerClass or CombineRule.Stacked) or (EnsembleWeights.Searched, _) => "",
            (EnsembleWeights.LogLoss, _) => ", weights of least log-loss",
            _ => ", weights by least squares",
        }
        + (combination.Rule == CombineRule.Soft ? "" : $", {NameOf(combination.Rule)}");

    /// <summary>A rule in words.</summary>
    public static string NameOf(CombineRule rule) => rule switch
    {
        CombineRule.Soft => "soft vote",
        CombineRule.Logits => "vote on logits",
        CombineRule.Rank => "rank average",
        CombineRule.Hard => "hard vote",
        CombineRule.PerClass => "weights by class",
        _ => "stacked",
    };

    /// <summary>Everything that is fitted, on the rows of the set: temperatures, members, weights.</summary>
    public (Combination Combination, SubsetScores? Scores) Fit(LogitsSet set)
    {
        double[] temperatures = _options.Calibrate
            ? [.. Temperature.Fit(set).Select(t => Math.Clamp(t, LowestTemperature, HighestTemperature))]
            : [.. Enumerable.Repeat(1.0, set.Members.Length)];
        var calibrated = set.Calibrated(temperatures);
        var (weights, scores) = _find(calibrated);
        var combination = new Combination { Rule = _options.Combine, Temperatures = [.. temperatures], Weights = [.. weights] };
        var members = calibrated.WithMembers(combination.Members);
        var fitted = (_options.Combine, _options.Weights) switch
        {
            (CombineRule.PerClass, _) => combination with { ClassWeights = WeightSearch.PerClass(members) },
            (CombineRule.Stacked, _) => combination with { Stack = Stacking.CrossValidate(members).Model },
            (CombineRule.Logits, EnsembleWeights.LogLoss) => Weighted(WeightSearch.ByLogLossOfLogits(members)),
            (_, EnsembleWeights.LogLoss) => Weighted(WeightSearch.ByLogLoss(members)),
            (_, EnsembleWeights.LeastSquares) => Weighted(WeightSearch.ByLeastSquares(members)),
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
}
