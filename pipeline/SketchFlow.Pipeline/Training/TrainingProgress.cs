using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>The progress of a training run: everything in a <see cref="RunState"/> except the learner, and the decision when the run ends.</summary>
/// <param name="recipe">The experiment.</param>
/// <param name="estimate">The run whose epochs a plateau schedule observes, because this one has no validation images; null otherwise.</param>
internal sealed class TrainingProgress(Recipe recipe, RefitEstimate? estimate = null)
{
    private readonly EarlyStopping _earlyStopping = new(recipe.Stopping);
    private readonly List<EpochMetrics> _rows = [];
    private readonly List<EpochTiming> _timings = [];
    private readonly SortedDictionary<long, Rejected> _rejectedTraining = [];
    private readonly SortedDictionary<long, Rejected> _rejectedValidation = [];
    private PlateauState _plateau = new();
    private RunEnd? _early;
    private string? _reason;

    /// <summary>The run whose figures stand for this one, because it has no validation images; null otherwise.</summary>
    public RefitEstimate? Estimate => estimate;

    /// <summary>Number of complete epochs.</summary>
    public int Epoch { get; private set; }

    /// <summary>Number of images of the current epoch, in its order, that have been trained on or rejected.</summary>
    public int Position { get; set; }

    /// <summary>Running sums of the current epoch.</summary>
    public EpochSums Sums { get; private set; } = new();

    /// <summary>The complete epochs.</summary>
    public IReadOnlyList<EpochMetrics> Rows => _rows;

    /// <summary>The times and rates of the complete epochs.</summary>
    public IReadOnlyList<EpochTiming> Timings => _timings;

    /// <summary>The best epoch; null before the first.</summary>
    public EpochMetrics? Best => _earlyStopping.Best;

    /// <summary>Explanation of an early end, as a clause; null otherwise.</summary>
    public string? Reason => _reason;

    /// <summary>The reason for which the run ended; null while it continues.</summary>
    public RunEnd? End => _early ?? (Epoch >= LastEpoch(recipe) ? RunEnd.Complete : null);

    /// <summary>Returns the number of epochs that a recipe trains for; the schedule may be that of more.</summary>
    public static int LastEpoch(Recipe recipe) => recipe.Stopping.LastEpoch > 0 ? Math.Min(recipe.Stopping.LastEpoch, recipe.Epochs) : recipe.Epochs;

    /// <summary>Records a rejected training image.</summary>
    public void RejectTraining(Rejected image) => _rejectedTraining[image.Id] = image;

    /// <summary>Records a rejected validation image.</summary>
    public void RejectValidation(Rejected image) => _rejectedValidation[image.Id] = image;

    /// <summary>The first rejected training image; null if there is none.</summary>
    public Rejected? FirstRejected => _rejectedTraining.Values.FirstOrDefault();

    /// <summary>Computes the learning rate of the next step.</summary>
    /// <param name="stepsPerEpoch">Number of steps per epoch.</param>
    public double LearningRate(int stepsPerEpoch) =>
        recipe.Optimizer.LearningRate * recipe.Schedule.Factor(((long)Epoch * stepsPerEpoch) + Sums.Steps, stepsPerEpoch, recipe.Epochs, _plateau);

    /// <summary>
    /// Returns whether a run that has ended can continue: it was complete and has more epochs now, or it stopped early and its patience, floor or metric has
    /// changed so that it would not have stopped.
    /// </summary>
    /// <param name="recipe">The experiment as it is requested now.</param>
    /// <param name="state">The state at the end of the run.</param>
    public static bool CanContinue(Recipe recipe, RunState state)
    {
        if (state.Epoch >= LastEpoch(recipe))
        {
            return false;
        }

        var stopping = new EarlyStopping(recipe.Stopping);
        stopping.Restore(state.Patience, state.Metrics);
        return state.End switch
        {
            RunEnd.Complete => true,
            RunEnd.Patience => !stopping.IsPatienceExhausted,
            RunEnd.Floor => !stopping.IsBelowFloor(state.Epoch),
            _ => false,
        };
    }

    /// <summary>
    /// Adds a step to the sums of the current epoch. A skipped step adds neither loss nor images that were learned from; it counts towards
    /// <c>non_finite_limit</c> unless it only reduced the loss scale of float16.
    /// </summary>
    /// <param name="outcome">The result of the step.</param>
    /// <param name="rate">The learning rate of the step.</param>
    public void Add(StepOutcome outcome, double rate) => Sums = Sums with
    {
        Loss = Sums.Loss + (outcome.Stepped ? outcome.Loss * outcome.Count : 0),
        Correct = Sums.Correct + (outcome.Stepped ? outcome.Correct : 0),
        Seen = Sums.Seen + outcome.Count,
        SkippedImages = Sums.SkippedImages + (outcome.Stepped ? 0 : outcome.Count),
        Steps = Sums.Steps + 1,
        NonFinite = outcome.Stepped ? 0 : outcome.IsScaleOverflow ? Sums.NonFinite : Sums.NonFinite + 1,
        LearningRate = rate,
    };

    /// <summary>Completes the current epoch; returns whether it is the best so far.</summary>
    /// <param name="row">The measurements of the epoch.</param>
    /// <param name="timing">The times and rates of the epoch.</param>
    public bool EndEpoch(EpochMetrics row, EpochTiming timing)
    {
        _rows.Add(row);
        _timings.Add(timing);
        (Epoch, Position, Sums) = (Epoch + 1, 0, new EpochSums { NonFinite = Sums.NonFinite });
        if (!row.IsValidated)
        {
            // Only the weights of the last epoch count: nothing tells the epochs apart.
            ObserveEstimate();
            return End is not (null or RunEnd.Failed);
        }

        var (loss, accuracy) = row.Selected(recipe.Stopping.Metric);
        Observe(loss, accuracy);
        var best = _earlyStopping.Add(row);
        if (!double.IsFinite(loss))
        {
            Stop(RunEnd.Failed, $"the validation loss of epoch {Epoch} is {loss}, so weights or statistics of batch norms are not finite");
        }
        else if (_earlyStopping.IsBelowFloor(Epoch))
        {
            Stop(
                RunEnd.Floor,
                $"accuracy below the {Percent.Text(recipe.Stopping.Floor)} that stopping.floor requires after "
                + $"{Plural.Of(recipe.Stopping.FloorEpochs, "epoch")}");
        }
        else if (_earlyStopping.IsPatienceExhausted)
        {
            Stop(RunEnd.Patience, $"no improvement for {recipe.Stopping.Patience} epochs");
        }

        return best;
    }

    private void ObserveEstimate()
    {
        if (estimate is not null && Epoch <= estimate.Epochs.Length)
        {
            var observed = estimate.Epochs[Epoch - 1];
            Observe(observed.ValidationLoss, observed.ValidationAccuracy);
        }
    }

    private void Observe(double loss, double accuracy) => _plateau = recipe.Stopping.Metric == ValidationMetric.Loss
        ? recipe.Schedule.Observe(_plateau, loss, lowerIsBetter: true)
        : recipe.Schedule.Observe(_plateau, accuracy, lowerIsBetter: false);

    /// <summary>Ends the run before all epochs are done; the first call determines the reason.</summary>
    /// <param name="end">The kind of reason.</param>
    /// <param name="reason">The explanation, as a clause.</param>
    public void Stop(RunEnd end, string reason) => (_early, _reason) = _early is null ? (end, reason) : (_early, _reason);

    /// <summary>Creates a snapshot of everything that is not a tensor.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="rows">Fingerprint of the training and validation rows.</param>
    /// <param name="threads">Number of compute threads.</param>
    public RunState ToState(Learner learner, string rows, int threads) => new()
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
        Patience = _earlyStopping.State,
        Metrics = [.. _rows],
        Timings = [.. _timings],
        RejectedTraining = [.. _rejectedTraining.Values],
        RejectedValidation = [.. _rejectedValidation.Values],
        End = End,
        Reason = _reason,
    };

    /// <summary>Restores the progress of an earlier process, except for the end of the run: more epochs may have been requested.</summary>
    /// <param name="state">The value of <see cref="ToState"/> at that time.</param>
    /// <returns>The metric that early stopping and the plateau schedule observed, if it was another one, so that they start again; otherwise null.</returns>
    public ValidationMetric? Restore(RunState state)
    {
        (Epoch, Position, Sums) = (state.Epoch, state.Position, state.Sums);
        _rows.AddRange(state.Metrics);
        _timings.AddRange(state.Timings);
        var otherMetric = _earlyStopping.Restore(state.Patience, _rows);
        // The rate that the schedule has reached does not depend on the metric.
        _plateau = otherMetric is null ? state.Plateau : new PlateauState(state.Plateau.Factor);
        foreach (var rejected in state.RejectedTraining)
        {
            RejectTraining(rejected);
        }

        foreach (var rejected in state.RejectedValidation)
        {
            RejectValidation(rejected);
        }

        return otherMetric;
    }
}
