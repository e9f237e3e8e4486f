using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training.Optimizers;

public class OptimizerTests
{
    public static TheoryData<string> Kinds => [.. KindRegistry.Known(typeof(Optimizer)).Keys];

    public static TheoryData<string, bool> KindsBothWays => [.. KindRegistry.Known(typeof(Optimizer)).Keys.SelectMany(k => new[] { (k, true), (k, false) })];

    [Theory]
    [InlineData("adamw", 0.05)]
    [InlineData("adamw", 0)]
    [InlineData("adam", 0.01)]
    [InlineData("adam", 0)]
    [InlineData("sgd", 0.01)]
    [InlineData("nadam", 0.01)]
    // RAdam is not among them: TorchSharp 0.107 multiplies its rectified step by the rate twice (Optimizers/RAdam.cs, t6 * lr).
    public void A_hundred_steps_equal_those_of_libtorch(string kind, double decay)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        using var optimizer = new FlatOptimizer(KindRegistry.Create<Optimizer>(kind) with { WeightDecay = decay, ClipNorm = 0 }, model);
        var count = model.Parameters.numel();
        // libtorch's optimiser over two parameters: the part that decays and the part that does not.
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
        var error = (model.Parameters - expected).abs().max().AsDouble();
        Assert.InRange(error, 0, 4e-6f);
    }

    [Long]
    [Theory]
    [MemberData(nameof(KindsBothWays))]
    public void A_hundred_steps_follow_the_paper_in_float64_with_layer_decay_and_a_late_unfreezing(string kind, bool byTensors)
    {
        const int Unfreeze = 40;
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        var options = KindRegistry.Create<Optimizer>(kind) with { WeightDecay = 0.1, LayerDecay = 0.7, ClipNorm = 0 };
        using var optimizer = new FlatOptimizer(options, model) { ByTensors = byTensors };
        var tensors = model.Architecture.Tensors;
        var references = tensors
            .Select((t, i) => new ReferenceOptimizer(options, SmallModels.Values(model.Parameters.narrow(0, model.Places[i], t.Count)), t.Decays)).ToList();
        optimizer.Freeze(t => t.Name == "hidden.weight");
        for (var step = 0; step < 100; step++)
        {
            using var inner = torch.NewDisposeScope();
            if (step == Unfreeze)
            {
                optimizer.Freeze(_ => false);
            }

            for (var i = 0; i < tensors.Length; i++)
            {
                if (step < Unfreeze && i == 0)
                {
                    continue;
                }

                var gradient = Gradient(tensors[i].Count, (step * 10) + i);
                model.Gradients!.narrow(0, model.Places[i], tensors[i].Count).copy_(gradient * Keep(4));
                references[i].Step(SmallModels.Values(gradient), 1e-3 * Math.Pow(0.7, 1 - tensors[i].LayerGroup));
            }

            optimizer.Step(1e-3, 4, 1);
        }

        for (var i = 0; i < tensors.Length; i++)
        {
            var values = SmallModels.Values(model.Parameters.narrow(0, model.Places[i], tensors[i].Count));
            var errors = values.Zip(references[i].P, (a, b) => Math.Abs(a - b)).Order().ToList();
            // Lion's sign flips where a mean is within rounding of 0: a few elements may differ by a step or two.
            var most = options is Lion ? errors[Math.Max(0, errors.Count - 1 - (errors.Count / 1000))] : errors[^1];
            Assert.True(most < 5e-6, $"{tensors[i]}: {most}");
        }

        Assert.Equal(0, model.Gradients!.abs().max().AsDouble());
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0.9, false, false)]
    [InlineData(0.9, true, true)]
    public void Sgd_equals_libtorchs_with_and_without_momentum_and_its_decay_may_be_decoupled(double momentum, bool nesterov, bool decoupled)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        var options = new Sgd { Momentum = momentum, Nesterov = nesterov, Decoupled = decoupled, WeightDecay = 0.1, Clip = ClipMode.Off };
        using var optimizer = new FlatOptimizer(options, model);
        var plain = new ReferenceOptimizer(options, SmallModels.Values(model.Parameters.narrow(0, 0, model.Decaying)), true);
        var parameter = new TorchSharp.Modules.Parameter(model.Parameters.narrow(0, 0, model.Decaying).clone());
        using var libtorchs = torch.optim.SGD([parameter], 0.01, momentum, 0, 0.1, nesterov);
        for (var step = 0; step < 20; step++)
        {
            using var inner = torch.NewDisposeScope();
            var gradient = Gradient(model.Parameters.numel(), step);
            model.Gradients!.copy_(gradient);
            optimizer.Step(0.01, 1, 1);
            plain.Step(SmallModels.Values(gradient.narrow(0, 0, model.Decaying)), 0.01);
            parameter.grad = gradient.narrow(0, 0, model.Decaying);
            libtorchs.step();
        }

        var values = SmallModels.Values(model.Parameters.narrow(0, 0, model.Decaying));
        Assert.InRange(values.Zip(plain.P, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-6);
        if (!decoupled)
        {
            Assert.InRange((parameter.detach() - model.Parameters.narrow(0, 0, model.Decaying)).abs().max().AsDouble(), 0, 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_number_of_threads_gives_the_same_bytes(string kind)
    {
        float[] Run(int threads)
        {
            using var scope = torch.NewDisposeScope();
            using var model = SmallModels.Model(SmallModels.Perceptron());
            var options = KindRegistry.Create<Optimizer>(kind) with { Clip = ClipMode.Agc, LayerDecay = 0.9 };
            using var optimizer = new FlatOptimizer(options, model) { Threads = threads };
            for (var step = 0; step < 3; step++)
            {
                model.Gradients!.copy_(Gradient(model.Parameters.numel(), step));
                optimizer.AddPenalty(1e-4, 1e-3, 1);
                optimizer.Step(1e-2, 1, optimizer.GradientNorm(1));
            }

            return SmallModels.Values(model.Parameters);
        }

        Assert.Equal(Run(1), Run(4));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_rate_zero_moves_nothing_and_gaps_remain_zero(string kind)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        using var optimizer = new FlatOptimizer(KindRegistry.Create<Optimizer>(kind), model);
        var before = SmallModels.Values(model.Parameters);
        for (var i = 0; i < model.Places.Length; i++)
        {
            model.Gradients!.narrow(0, model.Places[i], model.Architecture.Tensors[i].Count).fill_(Keep(0.1f));
        }

        optimizer.Step(0, 1, optimizer.GradientNorm(1));
        Assert.Equal(before, SmallModels.Values(model.Parameters));
        optimizer.Step(1e-2, 1, 1);
        // fc.bias has three elements, followed by a gap of thirteen.
        Assert.All(SmallModels.Values(model.Parameters.narrow(0, model.Places[3] + 3, 13)), p => Assert.Equal(0, p));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Clipping_by_value_limits_every_element(bool byTensors)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        var options = new Sgd { Momentum = 0, WeightDecay = 0, Clip = ClipMode.Value, ClipValue = 0.2 };
        using var optimizer = new FlatOptimizer(options, model) { ByTensors = byTensors };
        var before = SmallModels.Values(model.Parameters);
        var gradient = Gradient(model.Parameters.numel(), 0);
        model.Gradients!.copy_(gradient * Keep(16));
        optimizer.Step(1, 16, 1);
        var expected = SmallModels.Values(gradient).Zip(before, (g, p) => p - Math.Clamp(g, -0.2f, 0.2f));
        Assert.All(SmallModels.Values(model.Parameters).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Adaptive_clipping_equals_timms_unit_by_unit_except_for_the_classifier(bool byTensors, bool channelsLast)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = SmallModels.Convolution();
        using var model = SmallModels.Model(architecture, channelsLast);
        var options = new Sgd { Momentum = 0, WeightDecay = 0, Clip = ClipMode.Agc, AgcFactor = 0.05 };
        using var optimizer = new FlatOptimizer(options, model) { ByTensors = byTensors };
        var (before, gradients) = (new List<float[]>(), new List<float[]>());
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            // Small enough for some of the weights' units to pass; the biases are clipped.
            var gradient = Gradient(architecture.Tensors[i].Count, i).reshape([.. architecture.Tensors[i].Shape]) * Keep(i % 2 == 0 ? 0.01 : 1);
            before.Add(SmallModels.Values(model.Weights[i].detach()));
            gradients.Add(SmallModels.Values(gradient));
            model.Weights[i].grad!.copy_(gradient * Keep(8));
        }

        optimizer.Step(1, 8, 1);
        var clipped = 0;
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            var spec = architecture.Tensors[i];
            var (units, after) = (spec.Shape.Length > 1 ? (int)spec.Shape[0] : 1, SmallModels.Values(model.Weights[i].detach()));
            var size = after.Length / units;
            for (var unit = 0; unit < units; unit++)
            {
                double Norm(float[] values) => Math.Sqrt(values.Skip(unit * size).Take(size).Sum(v => (double)v * v));
                var (most, norm) = (Math.Max(Norm(before[i]), 1e-3) * 0.05, Norm(gradients[i]));
                var factor = spec.Name.StartsWith("fc.", StringComparison.Ordinal) || norm < most ? 1 : most / Math.Max(norm, 1e-6);
                clipped += factor < 1 ? 1 : 0;
                for (var k = unit * size; k < (unit + 1) * size; k++)
                {
                    Assert.Equal(before[i][k] - (gradients[i][k] * factor), after[k], 1e-6);
                }
            }
        }

        Assert.InRange(clipped, 3, 33);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Penalties_have_their_value_and_their_gradient(bool byTensors)
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        using var optimizer = new FlatOptimizer(new AdamW(), model) { ByTensors = byTensors };
        model.Parameters.narrow(0, 5, 1).fill_(Keep(0));
        var values = SmallModels.Values(model.Parameters);
        var value = optimizer.AddPenalty(0.02, 0.3, 4);
        var decaying = values.Take((int)model.Decaying).Select(w => (double)w).ToList();
        Assert.Equal((0.02 * decaying.Sum(Math.Abs)) + (0.15 * decaying.Sum(w => w * w)), value, 1e-5 * value);
        var gradient = SmallModels.Values(model.Gradients!);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(i < model.Decaying ? 4 * ((0.02 * Math.Sign(values[i])) + (0.3 * values[i])) : 0, gradient[i], 1e-6);
        }
    }

    [Fact]
    public void Frozen_parameters_have_no_gradient_no_step_and_no_penalty()
    {
        using var scope = torch.NewDisposeScope();
        var architecture = SmallModels.Convolution();
        var options = new LearnerOptions { Loss = new CrossEntropy { L1 = 1e-3, L2 = 1e-2 } };
        using var learner = new Learner(options, SmallModels.Model(architecture), architecture.Preprocessing);
        learner.Optimizer.Freeze(t => t.LayerGroup < 2);
        using var batch = SmallModels.Batch(6);
        var before = learner.Model.Weights.Select(w => SmallModels.Values(w.detach())).ToList();
        var penalty = learner.Step(batch, 0.1).Penalty;
        for (var i = 0; i < before.Count; i++)
        {
            var same = before[i].AsSpan().SequenceEqual(SmallModels.Values(learner.Model.Weights[i].detach()));
            Assert.Equal(architecture.Tensors[i].LayerGroup < 2, same);
        }

        learner.Optimizer.Freeze(_ => false);
        Assert.True(learner.Step(batch, 0.1).Penalty > penalty);
        Assert.All(before.Zip(learner.Model.Weights), pair => Assert.NotEqual(pair.First, SmallModels.Values(pair.Second.detach())));
    }

    [Fact]
    public void A_gradient_beyond_the_limit_is_clipped_to_it()
    {
        using var scope = torch.NewDisposeScope();
        using var model = SmallModels.Model(SmallModels.Perceptron());
        using var optimizer = new FlatOptimizer(new AdamW { WeightDecay = 0, ClipNorm = 2 }, model);
        var gradient = Gradient(model.Parameters.numel(), 0) * Keep(100);
        model.Gradients!.copy_(gradient);
        var norm = optimizer.GradientNorm(1);
        Assert.Equal(gradient.to(torch.float64).norm().AsDouble(), norm, norm * 1e-6);
        optimizer.Step(1e-3, 1, norm);
        // After one step the first moment is (1 - beta1) times the clipped gradient.
        Assert.Equal(2, optimizer.State().Tensor("first").norm().AsDouble() / 0.1, 1e-3);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void One_element_that_is_not_finite_makes_the_norm_not_finite(float bad)
    {
        using var model = SmallModels.Model(SmallModels.Perceptron());
        using var optimizer = new FlatOptimizer(new AdamW(), model);
        var count = model.Parameters.numel();
        foreach (var at in new[] { 0, 1, 1023, 65_535, 65_536, count / 2, count - 1 })
        {
            model.Gradients!.zero_();
            model.Gradients!.narrow(0, at, 1).fill_(Keep(bad));
            Assert.False(double.IsFinite(optimizer.GradientNorm(1)));
        }
    }

    [Fact]
    public void The_same_steps_give_the_same_bytes()
    {
        using var batch = SmallModels.Batch(6);
        float[] Run()
        {
            using var learner = SmallModels.Learner();
            SmallModels.Losses(learner, batch, 3);
            return SmallModels.Values(learner.Model.Parameters);
        }

        Assert.Equal(Run(), Run());
    }

    private static torch.optim.Optimizer Reference(string kind, TorchSharp.Modules.Parameter parameter, double decay) => kind switch
    {
        "adamw" => torch.optim.AdamW([parameter], lr: 1e-3, weight_decay: decay),
        "adam" => torch.optim.Adam([parameter], lr: 1e-3, weight_decay: decay),
        "sgd" => torch.optim.SGD([parameter], 1e-3, 0.9, 0, decay, true),
        _ => torch.optim.NAdam([parameter], lr: 1e-3, weight_decay: decay),
    };

    private static torch.Tensor Gradient(long count, int step)
    {
        var values = new float[count];
        var chance = KeyedRandom.For(1, step, 0, "gradient");
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(chance.NextUnit() - 0.5);
        }

        return torch.tensor(values);
    }
}
