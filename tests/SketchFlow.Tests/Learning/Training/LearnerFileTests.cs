using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Learning.Training;

/// <summary>The files in which a learner saves its tensors.</summary>
public class LearnerFileTests
{
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
    public void A_learner_continues_from_a_file_as_if_it_had_not_stopped()
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
}
