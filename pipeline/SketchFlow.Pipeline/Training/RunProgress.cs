using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>Where a training run is, as it moves: what a <see cref="RunState"/> keeps beside the learner, and what ends the run.</summary>
/// <param name="recipe">The experiment.</param>
internal sealed class RunProgress(Recipe recipe)
{
    private readonly EarlyStopping _patience = new(recipe.Stopping);
    private readonly List<EpochMetrics> _rows = [];
    private readonly List<EpochTiming> _timings = [];
    private readonly SortedDictionary<long, Rejected> _rejectedTraining = [];
    private readonly SortedDictionary<long, Rejected> _rejectedValidation = [];
    private PlateauState _plateau = new();
    private RunEnd? _early;
    private string? _reason;

    /// <summary>Epochs that are done.</summary>
    public int Epoch { get; private set; }

    /// <summary>Images of the epoch under way, in its order, that are learnt from or rejected.</summary>
    public int Position { get; set; }

    /// <summary>What the epoch under way came to so far.</summary>
    public EpochSums Sums { get; private set; } = new();

    /// <summary>The epochs that are done.</summary>
    public IReadOnlyList<EpochMetrics> Rows => _rows;

    /// <summary>What the clock said of them.</summary>
    public IReadOnlyList<EpochTiming> Timings => _timings;

    /// <summary>The best of them.</summary>
    public EpochMetrics? Best => _patience.Best;

    /// <summary>How the run ended; null while it goes on.</summary>
    public RunEnd? End => _early ?? (Epoch >= recipe.Epochs ? RunEnd.Complete : null);

    /// <summary>The best epochs, the best first.</summary>
    public IEnumerable<EpochMetrics> Ranked => _patience.Ranked(_rows);

    /// <summary>A training image that could not be used.</summary>
    public void RejectTraining(Rejected image) => _rejectedTraining[image.Id] = image;

    /// <summary>A validation image that could not be used.</summary>
    public void RejectValidation(Rejected image) => _rejectedValidation[image.Id] = image;

    /// <summary>The first training image that could not be used; null where there is none.</summary>
    public Rejected? FirstRejected => _rejectedTraining.Values.FirstOrDefault();

    /// <summary>The learning rate of the next step.</summary>
    /// <param name="stepsPerEpoch">Steps in an epoch.</param>
    public double LearningRate(int stepsPerEpoch) =>
        recipe.Optimizer.LearningRate * recipe.Schedule.Factor(((long)Epoch * stepsPerEpoch) + Sums.Steps, stepsPerEpoch, recipe.Epochs, _plateau);

    /// <summary>Adds a step to the epoch under way.</summary>
    /// <param name="outcome">What it came to.</param>
    /// <param name="rate">Its learning rate.</param>
    public void Add(StepOutcome outcome, double rate) => Sums = Sums with
    {
        Loss = Sums.Loss + (outcome.Stepped ? outcome.Loss * outcome.Count : 0),
        Correct = Sums.Correct + (outcome.Stepped ? outcome.Correct : 0),
        Seen = Sums.Seen + outcome.Count,
        Steps = Sums.Steps + 1,
        NonFinite = outcome.Stepped ? 0 : Sums.NonFinite + 1,
        LearningRate = rate,
    };

    /// <summary>Ends the epoch under way; returns whether it is the best so far.</summary>
    /// <param name="row">What it came to.</param>
    /// <param name="timing">What the clock said.</param>
    public bool EndEpoch(EpochMetrics row, EpochTiming timing)
    {
        _rows.Add(row);
        _timings.Add(timing);
        (Epoch, Position, Sums) = (Epoch + 1, 0, new EpochSums());
        var (loss, accuracy) = row.Judged(recipe.Stopping.Metric);
        _plateau = recipe.Stopping.Metric == ValidationMetric.Loss
            ? _plateau.After(recipe.Schedule, loss, lowerIsBetter: true)
            : _plateau.After(recipe.Schedule, accuracy, lowerIsBetter: false);
        var best = _patience.Take(row);
        if (_patience.IsBelowFloor(Epoch))
        {
            GiveUp(RunEnd.Floor, $"below the accuracy of {100 * recipe.Stopping.Floor:0.##} % that stopping.floor wants after {recipe.Stopping.FloorEpochs}");
        }
        else if (_patience.IsOver)
        {
            GiveUp(RunEnd.Patience, $"no better for {recipe.Stopping.Patience} epochs");
        }

        return best;
    }

    /// <summary>Ends the run before its epochs do; the first reason counts.</summary>
    /// <param name="end">How.</param>
    /// <param name="reason">Why, as a clause.</param>
    public void GiveUp(RunEnd end, string reason) => (_early, _reason) = _early is null ? (end, reason) : (_early, _reason);

    /// <summary>Everything of this moment that is not a tensor.</summary>
    /// <param name="learner">What learns.</param>
    /// <param name="rows">Fingerprint of the training and validation rows.</param>
    /// <param name="threads">Threads that tensors are computed with.</param>
    public RunState State(Learner learner, string rows, int threads) => new()
    {
        Layout = learner.Layout,
        Rows = rows,
        Seed = recipe.Seed,
        Threads = threads,
        Epoch = Epoch,
        Position = Position,
        Sums = Sums,
        Numbers = learner.Numbers,
        Plateau = _plateau,
        Patience = _patience.State,
        Metrics = [.. _rows],
        Timings = [.. _timings],
        RejectedTraining = [.. _rejectedTraining.Values],
        RejectedValidation = [.. _rejectedValidation.Values],
        End = End,
        Reason = _reason,
    };

    /// <summary>Puts back what a run came to before; its end is not put back, since more epochs may be wanted.</summary>
    /// <param name="state">As <see cref="State"/> gave it.</param>
    public void Restore(RunState state)
    {
        (Epoch, Position, Sums, _plateau) = (state.Epoch, state.Position, state.Sums, state.Plateau);
        _rows.AddRange(state.Metrics);
        _timings.AddRange(state.Timings);
        _patience.Restore(state.Patience, _rows);
        foreach (var rejected in state.RejectedTraining)
        {
            RejectTraining(rejected);
        }

        foreach (var rejected in state.RejectedValidation)
        {
            RejectValidation(rejected);
        }
    }
}
