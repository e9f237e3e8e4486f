using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>A way to choose and weight members that can be fitted on the rows of any set, so that every fold fits everything itself.</summary>
internal sealed class EnsembleSearch
{
    /// <summary>Number of rounds of greedy selection.</summary>
    public const int GreedyRounds = 40;

    /// <summary>Lowest temperature of a member: without a limit, a model with every validation row right would get 0.</summary>
    public const double LowestTemperature = 0.2;

    /// <summary>Highest temperature of a member: without a limit, a useless model would get an infinite one.</summary>
    public const double HighestTemperature = 5;

    private const int BaggedRounds = 20;

    // Smaller weights are set to 0: expectation-maximisation approaches 0 and never reaches it.
    private const double SmallestWeight = 1e-6;

    // Measured: 65,535 subsets of 16 models over 3,000 rows took 0.47 s on two cores.
    private const double SecondsPerSubsetAndRow = 2.5e-9;

    private readonly Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> _find;

    private EnsembleSearch(string name, bool searches, EnsembleOptions options, Func<LogitsSet, (IReadOnlyList<double> Weights, SubsetScores? Scores)> find) =>
        (Name, Searches, Options, _find) = (name, searches, options, find);

    /// <summary>Description of the search.</summary>
    public string Name { get; }

    /// <summary>Whether members are chosen; false where all have equal weights.</summary>
    public bool Searches { get; }

    /// <summary>The options, with the method that <see cref="EnsembleMethod.Auto"/> stands for.</summary>
    public EnsembleOptions Options { get; }

    /// <summary>Whether this is the unweighted mean of all probabilities.</summary>
    public bool IsPlain => Options is { Combine: CombineRule.Soft, Weights: EnsembleWeights.Searched } && !Searches;

    /// <summary>Creates the search that the options select; <see cref="EnsembleMethod.Auto"/> is decided by the estimated cost.</summary>
    /// <param name="models">Number of models.</param>
    /// <param name="rows">Number of validation rows.</param>
    /// <param name="options">The options.</param>
    public static EnsembleSearch For(int models, int rows, EnsembleOptions options)
    {
        options = options with { Method = Resolve(models, rows, options) };
        var objective = options.Objective;
        return options.Method switch
        {
            EnsembleMethod.All => Create(models == 1 ? "the only model" : "all models", false, set => ([.. Enumerable.Repeat(1.0, set.Members.Length)], null)),
            EnsembleMethod.Greedy => Path($"greedy selection of {GreedyRounds} rounds", set => Search.Greedy(set, objective, GreedyRounds)),
            EnsembleMethod.Bagged => Create("greedy selection in 20 bags", true, set =>
                (Search.Bagged(set, objective, new BaggingOptions { Selection = new() { Rounds = BaggedRounds } }).Weights, null)),
            EnsembleMethod.Forward => Path("forward search", set => Search.Forward(set, objective)),
            EnsembleMethod.Backward => Path("backward search", set => Search.Backward(set, objective)),
            EnsembleMethod.Swap => Path("stepwise search", set => Search.Stepwise(set, [], objective: objective)),
            EnsembleMethod.Climb => Create($"greedy selection of {GreedyRounds} rounds and hill climbing", true, set =>
                (Search.HillClimb(set, Search.Greedy(set, objective, GreedyRounds).Counts, objective).Weights, null)),
            _ => Create($"best of {Math.Pow(2, models) - 1:0} subsets", true, set =>
            {
                var scores = Search.Exhaustive(set, objective);
                return ([.. Enumerable.Range(0, set.Members.Length).Select(m => (double)(scores.Best >> m & 1))], scores);
            }),
        };

        EnsembleSearch Create(string name, bool searches, Func<LogitsSet, (IReadOnlyList<double>, SubsetScores?)> find) => new(name, searches, options, find);
        EnsembleSearch Path(string name, Func<LogitsSet, SearchPath> find) => Create(name, true, set => (find(set).Weights, null));
    }

    private static EnsembleMethod Resolve(int models, int rows, EnsembleOptions options)
    {
        if (options.Method != EnsembleMethod.Auto)
        {
            return options.Method;
        }

        // Held-out estimates add five searches on four fifths of the rows each: 5 times the cost in all.
        var cost = 5 * SecondsPerSubsetAndRow * rows * Math.Pow(2, models);
        return models == 1 ? EnsembleMethod.All
            : models <= Search.MostModels && cost <= options.Seconds ? EnsembleMethod.Exhaustive : EnsembleMethod.Greedy;
    }

    /// <summary>Describes the search, the weights and the rule.</summary>
    public string Describe()
    {
        var weights = (Options.Weights, Options.Combine) switch
        {
            (_, CombineRule.PerClass or CombineRule.Stacked) or (EnsembleWeights.Searched, _) => "",
            (EnsembleWeights.LogLoss, _) => "weights minimising log-loss",
            _ => "least-squares weights",
        };

        // Where weights alone decide which models count, "all models" would be wrong.
        var search = weights.Length == 0 ? Name : Options.Method == EnsembleMethod.All ? weights : $"{Name}, {weights}";
        return search + (Options.Combine == CombineRule.Soft ? "" : $", {NameOf(Options.Combine)}");
    }

    /// <summary>Returns whether a member's temperature is one of the limits, so that the best one may be beyond it.</summary>
    public static bool IsLimit(double temperature) => temperature is LowestTemperature or HighestTemperature;

    /// <summary>Returns a rule's name for reports.</summary>
    public static string NameOf(CombineRule rule) => rule switch
    {
        CombineRule.Soft => "mean of probabilities",
        CombineRule.Logits => "mean of logits",
        CombineRule.Rank => "rank average",
        CombineRule.Hard => "majority vote",
        CombineRule.PerClass => "weights per class",
        _ => "stacking",
    };

    /// <summary>Returns an objective's name for reports.</summary>
    public static string NameOf(Objective objective) => objective switch
    {
        Objective.Accuracy => "accuracy",
        Objective.LogLoss => "negative log-loss",
        _ => "macro F1",
    };

    /// <summary>Fits temperatures, members and weights on the rows of the set.</summary>
    public FittedEnsemble Fit(LogitsSet set)
    {
        double[] temperatures = Options.Calibrate
            ? [.. Temperature.Fit(set).Select(t => Math.Clamp(t, LowestTemperature, HighestTemperature))]
            : [.. Enumerable.Repeat(1.0, set.Members.Length)];
        var calibrated = set.Calibrated(temperatures);
        var (weights, scores) = _find(calibrated);
        var combination = new Combination { Rule = Options.Combine, Temperatures = [.. temperatures], Weights = [.. weights] };
        var members = calibrated.WithMembers(combination.Members);
        var fitted = (Options.Combine, Options.Weights) switch
        {
            (CombineRule.PerClass, _) => combination with { ClassWeights = WeightSearch.PerClass(members) },
            (CombineRule.Stacked, _) => combination with { Stack = Stacking.CrossValidate(members).Model },
            (CombineRule.Logits, EnsembleWeights.LogLoss) => WithWeights(combination, WeightSearch.ByLogLossOfLogits(members)),
            (_, EnsembleWeights.LogLoss) => WithWeights(combination, WeightSearch.ByLogLoss(members)),
            (_, EnsembleWeights.LeastSquares) => WithWeights(combination, WeightSearch.ByLeastSquares(members)),
            _ => combination,
        };
        return new FittedEnsemble(fitted, calibrated, scores);
    }

    /// <summary>Replaces the weights of the members.</summary>
    private static Combination WithWeights(Combination combination, double[] own)
    {
        var all = new double[combination.Weights.Length];
        var members = combination.Members;
        for (var i = 0; i < members.Count; i++)
        {
            all[members[i]] = own[i] < SmallestWeight ? 0 : own[i];
        }

        return combination with { Weights = [.. all] };
    }
}
