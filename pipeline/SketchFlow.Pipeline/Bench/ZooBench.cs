using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Parity;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Recipes;

using Architecture = SketchFlow.Learning.Models.Architecture;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Images a second of training and inference, in float32 and bfloat16, architecture by architecture: the bare steps over fresh weights.</summary>
/// <param name="options">Sizes and times.</param>
/// <param name="device">Where tensors live.</param>
public sealed class ZooBench(ZooBenchOptions options, ComputeDevice device)
{
    private const int Steps = 2;
    private const long Giant = 200_000_000;

    // Bytes beyond what is reckoned: libraries, threads' scratch, what others take meanwhile.
    private const long Spare = 1_000_000_000;

    private readonly bool _mixes = MixedPrecision.Resolve(AmpMode.Auto, device) == ComputePrecision.BFloat16;

    /// <summary>The architectures measured unless there are names: <c>recipes/studies/zoo.yaml</c>.</summary>
    public static ImmutableArray<string> Usual
    {
        get
        {
            var path = Path.Combine(StudyChanges.Folder, "zoo.yaml");
            return [.. RecipeFile.ReadYaml(File.ReadAllText(path), path)!["models"]!.AsArray().Select(n => n!.GetValue<string>())];
        }
    }

    /// <summary>An empty table that says what its rows are measured with.</summary>
    public ZooTable Empty => new()
    {
        HasErrors = options.Fixtures is not null,
        Conditions = string.Create(
            CultureInfo.InvariantCulture,
            $"images/s of the median step, of {Steps} or more in {options.Seconds} s or more after one that warms up; training is forward, loss, backward and AdamW; {options.Classes} classes; {device}, {ComputeThreads.Count} thread{(ComputeThreads.Count == 1 ? "" : "s")}.")
            + (options.Fixtures is null ? "" : " Error: the largest difference of a logit from timm's over the largest logit."),
    };

    /// <summary>Declares the architectures, so that a name or a size that is not there costs no time.</summary>
    /// <exception cref="RefusalException">An architecture is unknown or does not take the size.</exception>
    public void Check(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Build(name);
        }
    }

    /// <summary>Whether a row is what this would measure of its architecture: the same size, parameters (and so classes) and batch.</summary>
    public bool IsOwn(ZooRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (recipe, architecture) = Build(row.Model);
        return row.InputSize == architecture.InputSize && row.Parameters == architecture.Parameters && row.Batch == recipe.BatchSize;
    }

    /// <summary>Measures one architecture; its tensors are freed again.</summary>
    /// <param name="name">timm's name.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ZooRow Measure(string name, CancellationToken cancellation)
    {
        var (recipe, architecture) = Build(name);
        var row = new ZooRow(name)
        {
            InputSize = architecture.InputSize,
            Parameters = architecture.Parameters,
            MultiplyAdds = FlopCounter.Count(architecture).MultiplyAdds,
            Batch = recipe.BatchSize,
        };
        if (options.Fixtures is { } folder && Path.Combine(folder, $"{name}.json") is var fixture && File.Exists(fixture))
        {
            var parity = ParityCheck.Verify(ParityFixture.Read(fixture).Single());
            row = row with { Error = parity.Error, Agrees = parity.Agrees };
        }

        using var images = BareStep.Noise(architecture, recipe.BatchSize, device);
        ComputePrecision[] precisions = _mixes ? [ComputePrecision.Float32, ComputePrecision.BFloat16] : [ComputePrecision.Float32];
        var infer = Infer(recipe, architecture, images, precisions, cancellation);
        var train = precisions.Select(precision => Train(recipe, architecture, images, precision, cancellation)).ToList();
        return row with { Infer = infer[0], InferBFloat16 = infer.ElementAtOrDefault(1), Train = train[0], TrainBFloat16 = train.ElementAtOrDefault(1) };
    }

    private (Recipe Recipe, Architecture Architecture) Build(string name)
    {
        var recipe = new Recipe { Architecture = name, ImageSize = options.InputSize };
        var architecture = RecipeModel.Build(recipe, options.Classes);
        var batch = options.Batch ?? (device.IsCuda ? 64 : architecture.Parameters > Giant ? 1 : 8);
        return ((recipe with { BatchSize = batch }).Checked(), architecture);
    }

    private List<ZooRate> Infer(Recipe recipe, Architecture architecture, DeviceBatch images, ComputePrecision[] precisions, CancellationToken cancellation)
    {
        // Fresh weights lie beside the model's own while it is filled.
        if (Short(2 * Bytes(architecture)) is { } reason)
        {
            return [.. precisions.Select(_ => reason)];
        }

        using var model = Model(recipe, architecture);
        return [.. precisions.Select(precision =>
        {
            var inference = new InferenceStep(model, architecture.Preprocessing, precision);
            return Rate(() => inference.Logits(images), images.Count, cancellation);
        })];
    }

    private ZooRate Train(Recipe recipe, Architecture architecture, DeviceBatch images, ComputePrecision precision, CancellationToken cancellation)
    {
        if (Short(TrainingBytes(architecture, images.Count, precision)) is { } reason)
        {
            return reason;
        }

        try
        {
            using var learner = BareStep.Learner(recipe, architecture, device, channelsLast: true, precision);
            return Rate(() => BareStep.Train(learner, images, recipe), images.Count, cancellation);
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return new ZooRate(null, "out of memory");
        }
    }

    private FlatModel Model(Recipe recipe, Architecture architecture)
    {
        using var weights = ModelWeights.Fresh(architecture, recipe.Seed);
        return FlatModel.Create(architecture, weights, device, channelsLast: true, learns: false);
    }

    private ZooRate Rate(Action step, int images, CancellationToken cancellation)
    {
        try
        {
            return new ZooRate(images / LoaderBench.Median(Timing.Measure(step, Steps, options.Seconds, cancellation)));
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return new ZooRate(null, "out of memory");
        }
        catch (ExternalException e)
        {
            // One row's trouble, such as batch norm over a single value, is not the table's.
            return new ZooRate(null, $"failed: {e.Message.Split('\n')[0]}");
        }
    }

    private static long Bytes(Architecture architecture) => sizeof(float) * architecture.Tensors.Sum(t => t.Count);

    /// <summary>
    /// Bytes that training takes, roughly: weights, gradients and AdamW's two moments, under autocast its copy of the weights, and what
    /// the layers answer with, which is kept for the backward pass, once more and a half for what lies between the layers.
    /// </summary>
    public static long TrainingBytes(Architecture architecture, int images, ComputePrecision precision)
    {
        var (weights, answers) = (Bytes(architecture), FlopCounter.Count(architecture, images).Layers.Sum(l => l.Output.Aggregate(1L, (a, b) => a * b)));
        var cast = precision == ComputePrecision.Float32 ? 0 : weights / 2;
        return (4 * weights) + cast + (3 * sizeof(float) * answers / 2);
    }

    // Where a processor's memory runs out the system ends the process, so it is asked beforehand.
    private ZooRate? Short(long bytes)
    {
        var free = SystemMemory.FreeBytes;
        return device.IsCuda || bytes + Spare <= free ? null
            : new ZooRate(null, string.Create(CultureInfo.InvariantCulture, $"needs {(bytes + Spare) / 1e9:0.0} GB, {free / 1e9:0.0} are free"));
    }
}
