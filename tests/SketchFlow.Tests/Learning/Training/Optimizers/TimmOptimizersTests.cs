using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Training.Optimizers;

/// <summary>
/// timm-optimizers.jsonl, which tests/reference/timm_optimizers.py wrote, contains the parameters of a small vision transformer after steps of
/// timm 1.0.29 on PyTorch 2.6.
/// </summary>
public class TimmOptimizersTests
{
    private const double Rate = 0.01;

    private static readonly Optimizer Plain = Create(new AdamW());

    private static readonly Dictionary<string, Optimizer> Cases = new(StringComparer.Ordinal)
    {
        ["adamw"] = Plain,
        ["adamw, layer decay 0.7"] = Plain with { LayerDecay = 0.7 },
        ["adamw, clipped by norm"] = Plain with { Clip = ClipMode.Norm, ClipNorm = 1 },
        ["adamw, clipped by value"] = Plain with { Clip = ClipMode.Value, ClipValue = 0.5 },
        ["adamw, clipped by agc"] = Plain with { Clip = ClipMode.Agc, AgcFactor = 0.01 },
        ["adam"] = Create(new Adam()),
        ["sgd"] = Create(new Sgd()),
        ["nadam"] = Create(new NAdam()),
        ["radam"] = Create(new RAdam()),
        ["lion"] = Create(new Lion()),
        ["lamb"] = Create(new Lamb()),
        ["adan"] = Create(new Adan()),
    };

    // Optimisers that timm does not have; ReferenceOptimizer contains their formulas.
    private static readonly string[] NotInTimm = [];

    private static readonly Lazy<ImmutableArray<Reference>> References = new(() =>
        [.. File.ReadLines(Here()).Select(line => JsonSerializer.Deserialize<Reference>(line, JsonSerializerOptions.Web)!)]);

    public static TheoryData<string, bool> Both => [.. References.Value.SelectMany(r => new[] { (r.Case, false), (r.Case, true) })];

    [Theory]
    [MemberData(nameof(Both))]
    public void Parameters_equal_timms_after_its_steps(string name, bool byTensors)
    {
        var reference = References.Value.Single(r => r.Case == name);
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var architecture = Zoo.Build("test_vit", new() { Classes = 5 });
        using var weights = ModelWeights.Empty(architecture);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            ParityCheck.Fill(tensor, spec, gain: 1);
        }

        using var model = FlatModel.Create(architecture, weights, ComputeDevice.Cpu, channelsLast: true, learns: true);
        using var optimizer = new FlatOptimizer(Cases[name], model) { ByTensors = byTensors };
        for (var step = 0; step < reference.Steps; step++)
        {
            foreach (var (spec, weight) in architecture.Tensors.Zip(model.Weights))
            {
                var seed = KeyedRandom.Hash($"{spec.Name}#{step}");
                var gradient = new float[spec.Count];
                for (var i = 0; i < gradient.Length; i++)
                {
                    gradient[i] = (float)(((2 * ParityCheck.Unit(seed, i)) - 1) * reference.Size);
                }

                using var values = torch.tensor(gradient, [.. spec.Shape]);
                weight.grad!.copy_(values);
            }

            optimizer.Step(Rate, 1, optimizer.GradientNorm(1));
        }

        var found = model.Weights.SelectMany(w => w.contiguous().data<float>().ToArray()).Where((_, i) => i % reference.Every == 0).ToList();
        Assert.Equal(reference.Values.Length, found.Count);
        Assert.All(reference.Values.Zip(found), p => Assert.Equal(p.First, p.Second, 5e-6));
    }

    [Fact]
    public void Every_optimiser_of_timm_has_a_case_and_every_case_has_timms_parameters()
    {
        var names = Cases.Values.Select(o => o.Name).Distinct(StringComparer.Ordinal);
        Assert.Equal(KindRegistry.Known(typeof(Optimizer)).Keys, names.Concat(NotInTimm).Order(StringComparer.Ordinal));
        Assert.Equal(Cases.Keys.Order(StringComparer.Ordinal), References.Value.Select(r => r.Case).Order(StringComparer.Ordinal));
    }

    private static Optimizer Create(Optimizer kind) => kind with { LearningRate = Rate, WeightDecay = 0.05, Clip = ClipMode.Off };

    private static string Here([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "timm-optimizers.jsonl");

    private sealed record Reference(string Case, double Size, int Steps, int Every, double[] Values);
}
