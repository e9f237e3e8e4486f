using System.Collections.Immutable;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Runs;

public class RunStateTests
{
    [Property]
    public bool Numbers_survive_a_round_trip_through_JSON_exactly(double loss, double mark, double scale, long steps, double? recall)
    {
        var state = new RunState
        {
            Layout = "l",
            Rows = "r",
            Numbers = ImmutableSortedDictionary<string, double>.Empty.Add("steps", steps).Add("scaler.scale", scale),
            Plateau = new PlateauState(0.5, mark, 1, 2),
            Patience = new EarlyStoppingState(mark, 2, 1, double.NegativeInfinity),
            Sums = new EpochSums { Loss = loss },
            Metrics = [new EpochMetrics { Epoch = 1, ValidationLoss = loss, Recall = [recall, null] }],
            RejectedTraining = [new Rejected(4, "a\"b\u00e9.png", "truncated")],
            End = RunEnd.Patience,
        };
        var back = RunState.Parse(state.ToJson());
        return back.ToJson() == state.ToJson()
            && BitConverter.DoubleToInt64Bits(back.Sums.Loss) == BitConverter.DoubleToInt64Bits(loss)
            && back.Patience == state.Patience && back.Numbers.SequenceEqual(state.Numbers) && back.Plateau == state.Plateau && back.End == RunEnd.Patience
            && back.Metrics[0].Recall.SequenceEqual(state.Metrics[0].Recall);
    }
}
