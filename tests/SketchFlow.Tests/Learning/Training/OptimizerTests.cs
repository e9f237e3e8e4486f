using SketchFlow.Learning.Models;
using SketchFlow.Learning.Training;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Training;

public class OptimizerTests
{
    [Theory]
    [InlineData(OptimizerKind.AdamW, 0.05)]
    [InlineData(OptimizerKind.AdamW, 0)]
    [InlineData(OptimizerKind.Adam, 0.01)]
    [InlineData(OptimizerKind.Adam, 0)]
    public void A_hundred_steps_are_libtorchs_hundred_steps(OptimizerKind kind, double decay)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Small.Model(Small.Perceptron());
        using var optimizer = new Optimizer(new OptimizerOptions { Kind = kind, WeightDecay = decay, ClipNorm = 0 }, model);
        var count = model.Parameters.numel();
        // libtorch's own, over two parameters: the part that decays and the part that does not.
        var spared = count - model.Decaying;
        var decaying = new TorchSharp.Modules.Parameter(model.Parameters.narrow(0, 0, model.Decaying).clone());
        var sparing = new TorchSharp.Modules.Parameter(model.Parameters.narrow(0, model.Decaying, spared).clone());
        using torch.optim.Optimizer first = Reference(kind, decaying, decay);
        using torch.optim.Optimizer second = Reference(kind, sparing, 0);
        for (var step = 0; step < 100; step++)
        {
            using var inner = torch.NewDisposeScope();
            var gradient = Gradient(count, step);
            model.Gradients!.copy_(gradient);
            optimizer.Step(1e-3, 1, 1);
            decaying.grad = gradient.narrow(0, 0, model.Decaying);
            sparing.grad = gradient.narrow(0, model.Decaying, spared);
            first.step();
            second.step();
        }

        var expected = torch.cat([decaying, sparing]).detach();
        var error = (model.Parameters - expected).abs().max().ToSingle();
        Assert.InRange(error, 0, 2e-6f);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Adam)]
    public void The_loop_and_the_tensor_operations_are_the_same_step(OptimizerKind kind)
    {
        using var scope = torch.NewDisposeScope();
        using var looped = Small.Model(Small.Perceptron());
        using var tensors = Small.Model(Small.Perceptron());
        var options = new OptimizerOptions { Kind = kind, WeightDecay = 0.1 };
        using var one = new Optimizer(options, looped);
        using var other = new Optimizer(options, tensors) { ByTensors = true };
        for (var step = 0; step < 20; step++)
        {
            using var inner = torch.NewDisposeScope();
            var gradient = Gradient(looped.Parameters.numel(), step);
            looped.Gradients!.copy_(gradient);
            tensors.Gradients!.copy_(gradient);
            var (a, b) = (one.GradientNorm(8), other.GradientNorm(8));
            Assert.Equal(b, a, b * 1e-3); // libtorch sums in float32
            one.Step(1e-2, 8, b);
            other.Step(1e-2, 8, b);
        }

        Assert.InRange((looped.Parameters - tensors.Parameters).abs().max().ToSingle(), 0, 1e-5f);
        Assert.Equal(0, looped.Gradients!.abs().max().ToSingle());
        Assert.Equal(0, tensors.Gradients!.abs().max().ToSingle());
    }

    [Fact]
    public void A_gradient_beyond_the_limit_is_clipped_to_it()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Small.Model(Small.Perceptron());
        using var optimizer = new Optimizer(new OptimizerOptions { WeightDecay = 0, ClipNorm = 2 }, model);
        var gradient = Gradient(model.Parameters.numel(), 0) * 100;
        model.Gradients!.copy_(gradient);
        var norm = optimizer.GradientNorm(1);
        Assert.Equal(gradient.to(torch.float64).norm().ToDouble(), norm, norm * 1e-6);
        optimizer.Step(1e-3, 1, norm);
        // After one step the first moment is (1 - beta1) times the clipped gradient.
        Assert.Equal(2, optimizer.State().Tensor("first").norm().ToDouble() / 0.1, 1e-3);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void One_bad_element_anywhere_makes_the_norm_not_finite(float bad)
    {
        using var model = Small.Model(Small.Perceptron());
        using var optimizer = new Optimizer(new OptimizerOptions(), model);
        var count = model.Parameters.numel();
        foreach (var at in new[] { 0, 1, 1023, 65_535, 65_536, count / 2, count - 1 })
        {
            model.Gradients!.zero_();
            model.Gradients!.narrow(0, at, 1).fill_(bad);
            Assert.False(double.IsFinite(optimizer.GradientNorm(1)));
        }
    }

    [Fact]
    public void The_same_steps_give_the_same_bytes()
    {
        using var batch = Small.Batch(6);
        float[] Run()
        {
            using var learner = Small.Learner();
            Small.Losses(learner, batch, 3);
            return Small.Values(learner.Model.Parameters);
        }

        Assert.Equal(Run(), Run());
    }

    private static torch.optim.Optimizer Reference(OptimizerKind kind, TorchSharp.Modules.Parameter parameter, double decay) => kind == OptimizerKind.AdamW
        ? torch.optim.AdamW([parameter], lr: 1e-3, weight_decay: decay)
        : torch.optim.Adam([parameter], lr: 1e-3, weight_decay: decay);

    private static torch.Tensor Gradient(long count, int step)
    {
        var values = new float[count];
        var chance = Chance.For(1, step, 0, "gradient");
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(chance.NextUnit() - 0.5);
        }

        return torch.tensor(values);
    }
}
