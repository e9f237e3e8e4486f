using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Weights;

public class FlatModelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_tensor_has_its_shape_and_its_values_wherever_it_lies(bool channelsLast)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = SmallModels.Network();
        using var weights = ModelWeights.Fresh(architecture, 3);
        using var model = FlatModel.Create(architecture, weights.Tensors, torch.CPU, channelsLast, learns: true);
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            Assert.Equal(architecture.Tensors[i].Shape, model.Weights[i].shape);
            Assert.True(model.Weights[i].detach().eq(weights.Tensors[i]).all().IsTrue(), architecture.Tensors[i].Name);
        }
    }

    [Fact]
    public void Convolution_weights_lie_channels_last_where_asked()
    {
        var architecture = SmallModels.Network();
        using var last = SmallModels.Model(architecture);
        using var first = SmallModels.Model(architecture, channelsLast: false);
        var index = architecture.Tensors.IndexOf(architecture.Tensors.First(t => t.Name == "layer1.0.conv1.weight"));
        Assert.Equal([64 * 9, 1, 64 * 3, 64], last.Weights[index].stride());
        Assert.Equal([64 * 9, 9, 3, 1], first.Weights[index].stride());
    }

    [Fact]
    public void Writing_the_flat_buffer_changes_the_tensors_and_backward_fills_the_flat_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var architecture = SmallModels.Network();
        using var model = SmallModels.Model(architecture);
        using var batch = SmallModels.Batch(4);
        var images = Normalize.ToDevice(batch, architecture.Preprocessing, torch.CPU);
        architecture.Forward(new ForwardContext(model.Weights) { Training = true }, images).sum().backward();
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            if (architecture.Tensors[i].Role == TensorRole.Parameter)
            {
                var count = architecture.Tensors[i].Count;
                var flat = model.Gradients!.narrow(0, model.Places[i], count);
                Assert.Equal(model.Weights[i].grad!.abs().sum().AsDouble(), flat.abs().sum().AsDouble(), 1e-3);
            }
        }

        Assert.NotEqual(0, model.Gradients!.abs().max().AsDouble());
        using (torch.no_grad())
        {
            model.Parameters.fill_(Keep(0.25f));
        }

        Assert.All(architecture.Tensors.Zip(model.Weights), pair =>
        {
            if (pair.First.Role == TensorRole.Parameter)
            {
                Assert.True(pair.Second.detach().eq(Keep(0.25)).all().IsTrue());
            }
        });
    }

    [Fact]
    public void Those_that_decay_come_first_and_gaps_stay_zero_through_training()
    {
        using var scope = torch.NewDisposeScope();
        using var learner = SmallModels.Learner();
        var model = learner.Model;
        var tensors = model.Architecture.Tensors;
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Role == TensorRole.Parameter)
            {
                Assert.Equal(tensors[i].Decays, model.Places[i] < model.Decaying);
            }
        }

        using var batch = SmallModels.Batch(6);
        SmallModels.Losses(learner, batch, 2);
        var mask = torch.ones(model.Parameters.numel(), dtype: torch.ScalarType.Bool);
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Role == TensorRole.Parameter)
            {
                mask.narrow(0, model.Places[i], tensors[i].Count).zero_();
            }
        }

        Assert.True(mask.any().IsTrue());
        Assert.Equal(0, model.Parameters.masked_select(mask).abs().max().AsDouble());
    }

    [Fact]
    public void A_snapshot_is_a_copy_of_its_own()
    {
        using var learner = SmallModels.Learner();
        using var batch = SmallModels.Batch(6);
        using var snapshot = learner.Model.Snapshot();
        var before = SmallModels.Values(snapshot.Parameters);
        SmallModels.Losses(learner, batch, 1);
        Assert.Equal(before, SmallModels.Values(snapshot.Parameters));
        Assert.NotEqual(before, SmallModels.Values(learner.Model.Parameters));
        snapshot.CopyFrom(learner.Model);
        Assert.Equal(SmallModels.Values(learner.Model.Parameters), SmallModels.Values(snapshot.Parameters));
        Assert.Equal(SmallModels.Values(learner.Model.Statistics), SmallModels.Values(snapshot.Statistics));
    }
}
