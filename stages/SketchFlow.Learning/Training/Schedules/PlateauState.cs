namespace SketchFlow.Learning.Training.Schedules;

/// <summary>What the plateau schedule remembers of the validations so far: a value, to be kept in a checkpoint.</summary>
/// <param name="Factor">The rate as a share of the peak.</param>
/// <param name="Best">The best metric; null before the first.</param>
/// <param name="Waited">Epochs since it.</param>
/// <param name="Resting">Epochs in which none is counted yet.</param>
public sealed record PlateauState(double Factor = 1, double? Best = null, int Waited = 0, int Resting = 0)
{
    /// <summary>The state after one more validation, as PyTorch's <c>ReduceLROnPlateau</c> with a relative threshold.</summary>
    /// <param name="options">Patience, threshold, rest, factor and least rate.</param>
    /// <param name="metric">What validation gave; not a number counts as no better.</param>
    /// <param name="lowerIsBetter">True for a loss, false for an accuracy.</param>
    public PlateauState After(ScheduleOptions options, double metric, bool lowerIsBetter)
    {
        var better = !double.IsNaN(metric) && (Best is not { } best
            || (lowerIsBetter ? metric < best * (1 - options.PlateauThreshold) : metric > best * (1 + options.PlateauThreshold)));
        var waited = better ? 0 : Waited + 1;
        var resting = Resting;
        if (resting > 0)
        {
            (waited, resting) = (0, resting - 1);
        }

        var state = this with { Best = better ? metric : Best, Waited = waited, Resting = resting };
        return waited > options.PlateauPatience
            ? state with { Factor = Math.Max(options.FinalFactor, Factor * options.GammaOrOwn), Waited = 0, Resting = options.PlateauRest }
            : state;
    }
}
