using System.Collections.Immutable;
using FsCheck.Xunit;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Learning;
using TorchSharp;

namespace SketchFlow.Tests.Pipeline.Runs;

/// <summary>What a run keeps of itself, and the means of its weights.</summary>
public class RunStateTests
{
    [Property]
    public bool Numbers_come_back_from_a_resume_file_to_the_bit(double loss, double mark, double scale, long steps, double? recall)
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

    [Fact]
    public void A_changed_bit_anywhere_in_a_resume_file_is_found()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Root, "state.safetensors");
        using var learner = SmallModels.Learner(of: SmallModels.Perceptron());
        learner.Save(path, "some text");
        Assert.Equal("some text", Learner.Check(path));
        var whole = File.ReadAllBytes(path);
        var chance = KeyedRandom.For(1, 0, 0, "bits");
        foreach (var at in Enumerable.Range(0, 60).Select(i => i < 20 ? i * 7 : chance.NextInteger(0, whole.Length)))
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= (byte)(1 << chance.NextInteger(0, 8));
            File.WriteAllBytes(path, damaged);
            var found = Record.Exception(() => Learner.Check(path));
            Assert.True(found is RefusalException, $"byte {at}: {found?.ToString() ?? "nothing was found"}");
            Assert.Contains("state.safetensors", found!.Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, whole[..^1]);
        Assert.Throws<RefusalException>(() => Learner.Check(path));
    }

    [Fact]
    public void A_learner_goes_on_from_a_file_as_if_it_had_not_stopped()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Root, "state.safetensors");
        using var one = SmallModels.Learner();
        Steps(one, 0, 2);
        one.Save(path, "");
        var counts = one.Numbers;
        Steps(one, 2, 4);
        using var other = SmallModels.Learner();
        other.Load(path, counts);
        Steps(other, 2, 4);
        Assert.True(one.Model.Parameters.bytes.SequenceEqual(other.Model.Parameters.bytes));
        Assert.True(one.Model.Statistics.bytes.SequenceEqual(other.Model.Statistics.bytes));
        Assert.Equal(one.Numbers, other.Numbers);

        static void Steps(Learner learner, int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                using var batch = SmallModels.Batch(8, seed: i);
                learner.Step(batch, 1e-3);
            }
        }
    }

    [Fact]
    public void The_mean_of_equal_models_is_that_model_and_of_two_lies_halfway()
    {
        var architecture = SmallModels.Perceptron();
        using var a = SmallModels.Model(architecture, seed: 1);
        using var b = SmallModels.Model(architecture, seed: 2);
        using var target = SmallModels.Model(architecture, seed: 3);
        using var same = new WeightAverage();
        same.Add(a);
        same.Add(a);
        same.Into(target, with: a);
        Assert.True(target.Parameters.bytes.SequenceEqual(a.Parameters.bytes));
        using var two = new WeightAverage();
        two.Add(a);
        two.Add(b);
        two.Into(target);
        using var halfway = a.Parameters.to(torch.float64).add(b.Parameters.to(torch.float64)).div(2).to(torch.float32);
        Assert.True(target.Parameters.bytes.SequenceEqual(halfway.bytes));
        using var other = SmallModels.Model(SmallModels.Network());
        Assert.Throws<RefusalException>(() => two.Add(other));
    }

    [Fact]
    public void Statistics_counted_anew_are_the_mean_over_the_batches_and_depend_on_nothing_before()
    {
        var architecture = SmallModels.Network();
        using var one = SmallModels.Model(architecture);
        using var other = SmallModels.Model(architecture);
        using (torch.no_grad())
        {
            other.Statistics.fill_(7);
        }

        Show(one, 1, 2);
        Show(other, 1, 2);
        Assert.True(one.Statistics.bytes.SequenceEqual(other.Statistics.bytes));

        // The first layer sees the images themselves, so its statistics of two batches are the mean of those of each.
        using var first = SmallModels.Model(architecture);
        using var second = SmallModels.Model(architecture);
        Show(first, 1);
        Show(second, 2);
        var place = architecture.Tensors.ToList().FindIndex(t => t.Name == "bn1.running_mean");
        var mean = first.Weights[place].data<float>().Zip(second.Weights[place].data<float>()).Select(p => (p.First + p.Second) / 2).ToArray();
        Assert.All(mean.Zip(one.Weights[place].data<float>()), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.False(NormStatistics.AreIn(SmallModels.Perceptron()));

        void Show(FlatModel model, params int[] seeds)
        {
            var statistics = new NormStatistics(model, architecture.Preprocessing, ComputePrecision.Float32);
            foreach (var seed in seeds)
            {
                using var batch = SmallModels.Batch(8, seed: seed);
                statistics.Add(batch);
            }

            Assert.Equal(seeds.Length, statistics.Batches);
        }
    }
}
