using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Recipes;
using Architecture = SketchFlow.Learning.Models.Architecture;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures training and inference of architectures in float32 and bfloat16: isolated steps with newly initialised weights.</summary>
/// <param name="options">Sizes and measuring times.</param>
/// <param name="device">Device of the tensors.</param>
public sealed class ZooBench(ZooBenchOptions options, ComputeDevice device)
{
    private const int Steps = 2;
    private const long LargeModelParameters = 200_000_000;

    // Bytes in addition to the estimate: libraries, scratch memory of threads, allocations of other processes in the meantime.
    private const long ReservedBytes = 1_000_000_000;

    private readonly bool _measuresBFloat16 = MixedPrecision.Resolve(AmpMode.Auto, device) == ComputePrecision.BFloat16;

    /// <summary>Architectures that are measured by default: the list in <c>recipes/studies/zoo.yaml</c>.</summary>
    public static ImmutableArray<string> DefaultModels
    {
        get
        {
            var path = Path.Combine(StudyChanges.Folder, "zoo.yaml");
            return [.. YamlJson.ReadFile(path)!["models"]!.AsArray().Select(n => n!.GetValue<string>())];
        }
    }

    /// <summary>An empty table with the conditions of the measurement.</summary>
    public ZooTable Empty => new()
    {
        HasErrors = options.Fixtures is not null,

        // The wording is part of the file format: --resume compares the sentence with that of the earlier table.
        Conditions = string.Create(CultureInfo.InvariantCulture, $"images/s of the median step, of {Steps} or more in {options.Seconds} s or more ")
            + "after one that warms up; training is forward, loss, backward and AdamW; "
            + $"{options.Classes} classes; {device}, {Plural.Of(ComputeThreads.Count, "thread")}."
            + (options.Fixtures is null ? "" : " Error: the largest difference of a logit from timm's over the largest logit."),
    };

    /// <summary>Builds all architectures, so that an invalid name or size is reported before the first measurement.</summary>
    /// <exception cref="RefusalException">An architecture is unknown or does not support the size.</exception>
    public void Check(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Build(name);
        }
    }

    /// <summary>Whether a row was measured with the same image size, number of parameters (and thus classes) and batch size.</summary>
    public bool IsComparable(ZooRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (recipe, architecture) = Build(row.Model);
        return row.InputSize == architecture.InputSize && row.Parameters == architecture.Parameters && row.Batch == recipe.BatchSize;
    }

    /// <summary>Measures an architecture and frees its tensors.</summary>
    /// <param name="name">Name in timm.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="OperationCanceledException">The measurement was cancelled.</exception>
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

        using var images = IsolatedStep.Noise(architecture, recipe.BatchSize, device);
        ComputePrecision[] precisions = _measuresBFloat16 ? [ComputePrecision.Float32, ComputePrecision.BFloat16] : [ComputePrecision.Float32];
        var infer = Infer(recipe, architecture, images, precisions, cancellation);
        var train = precisions.Select(precision => Train(recipe, architecture, images, precision, cancellation)).ToList();
        return row with { Infer = infer[0], InferBFloat16 = infer.ElementAtOrDefault(1), Train = train[0], TrainBFloat16 = train.ElementAtOrDefault(1) };
    }

    private (Recipe Recipe, Architecture Architecture) Build(string name)
    {
        var recipe = new Recipe { Architecture = name, ImageSize = options.InputSize };
        var architecture = RecipeModel.Build(recipe, options.Classes);
        var batch = options.Batch ?? (device.IsCuda ? 64 : architecture.Parameters > LargeModelParameters ? 1 : 8);
        return ((recipe with { BatchSize = batch }).Checked(), architecture);
    }

    private List<ZooRate> Infer(Recipe recipe, Architecture architecture, DeviceBatch images, ComputePrecision[] precisions, CancellationToken cancellation)
    {
        // While the model is filled, the initial weights exist twice.
        if (FindShortage(2 * Bytes(architecture)) is { } reason)
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
        if (FindShortage(TrainingBytes(architecture, images.Count, precision)) is { } reason)
        {
            return reason;
        }

        try
        {
            using var learner = IsolatedStep.CreateLearner(recipe, architecture, device, channelsLast: true, precision);
            return Rate(() => IsolatedStep.Train(learner, images, recipe), images.Count, cancellation);
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
            return new ZooRate(images / Timing.Median(Timing.Measure(step, Steps, options.Seconds, cancellation)));
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return new ZooRate(null, "out of memory");
        }
        catch (ExternalException e)
        {
            // An error of one architecture, such as batch norm of a single value, does not end the table.
            return new ZooRate(null, $"failed: {e.Message.Split('\n')[0]}");
        }
    }

    private static long Bytes(Architecture architecture) => sizeof(float) * architecture.Tensors.Sum(t => t.Count);

    /// <summary>
    /// Estimates the memory of training in bytes: weights, gradients, AdamW's two moments, the autocast copy of the weights, and one and a half
    /// times the outputs of all layers, which are kept for the backward pass together with intermediate results.
    /// </summary>
    public static long TrainingBytes(Architecture architecture, int images, ComputePrecision precision)
    {
        var (weights, outputs) = (Bytes(architecture), FlopCounter.Count(architecture, images).Layers.Sum(l => l.Output.Aggregate(1L, (a, b) => a * b)));
        var cast = precision == ComputePrecision.Float32 ? 0 : weights / 2;
        return (4 * weights) + cast + (3 * sizeof(float) * outputs / 2);
    }

    // When main memory is exhausted the operating system kills the process, so the memory is checked in advance.
    private ZooRate? FindShortage(long bytes)
    {
        var free = SystemMemory.FreeBytes;
        return device.IsCuda || bytes + ReservedBytes <= free ? null
            : new ZooRate(null, string.Create(CultureInfo.InvariantCulture, $"needs {(bytes + ReservedBytes) / 1e9:0.0} GB, {free / 1e9:0.0} are free"));
    }
}
