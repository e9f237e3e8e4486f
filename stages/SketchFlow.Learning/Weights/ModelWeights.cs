using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Learning.Weights.TensorFiles;
using TorchSharp;
using Architecture = SketchFlow.Learning.Models.Architecture;

namespace SketchFlow.Learning.Weights;

/// <summary>The tensors of one model, in the order of <see cref="Architecture.Tensors"/>: contiguous, on the CPU, not requiring gradients.</summary>
/// <remarks>They belong to no dispose scope; disposing this object frees them.</remarks>
public sealed class ModelWeights : IDisposable
{
    private const int CopyLength = 1 << 28; // elements per copy: the length of a span is an int

    private ModelWeights(Architecture architecture, ImmutableArray<torch.Tensor> tensors) => (Architecture, Tensors) = (architecture, tensors);

    /// <summary>The architecture of the model.</summary>
    public Architecture Architecture { get; }

    /// <summary>The tensors: float32, except for counters, which are int64.</summary>
    public ImmutableArray<torch.Tensor> Tensors { get; }

    /// <summary>The tensor called <paramref name="name"/>.</summary>
    public torch.Tensor this[string name]
    {
        get
        {
            for (var i = 0; i < Tensors.Length; i++)
            {
                if (string.Equals(Architecture.Tensors[i].Name, name, StringComparison.Ordinal))
                {
                    return Tensors[i];
                }
            }

            throw new KeyNotFoundException($"{Architecture.Name} has no tensor '{name}'.");
        }
    }

    /// <summary>Creates newly initialised weights with the distributions of timm's family. Each tensor depends only on the seed and its name.</summary>
    public static ModelWeights Fresh(Architecture architecture, long seed)
    {
        var weights = Empty(architecture);
        for (var i = 0; i < weights.Tensors.Length; i++)
        {
            Initialize(weights.Tensors[i], architecture.Tensors[i], seed);
        }

        return weights;
    }

    /// <summary>Allocates weights without initialising them.</summary>
    public static ModelWeights Empty(Architecture architecture) =>
        new(architecture, [.. architecture.Tensors.Select(spec => Empty(spec).DetachFromDisposeScope())]);

    private static torch.Tensor Empty(TensorSpec spec) =>
        torch.empty([.. spec.Shape], dtype: spec.Role == TensorRole.Counter ? torch.ScalarType.Int64 : torch.ScalarType.Float32);

    /// <summary>
    /// Loads a file with timm's tensor names in any format of <see cref="WeightsFile.Open"/>. Names and shapes must match the model, except for
    /// three differences, which are resolved and reported: for another number of classes, or no classifier, the classifier is re-initialised; for
    /// another image size, position embeddings are resampled (bicubic with antialiasing like timm's <c>resample_abs_pos_embed</c>; FlexiViT's
    /// bilinear without); missing batch counters are set to 0. Names may have prefixes such as <c>model.</c>, <c>module.</c> or
    /// <c>state_dict.</c>, or any other with a usual word that begins at least half of the model's tensors; an average such as <c>model_ema.</c> is
    /// preferred to the raw weights.
    /// </summary>
    /// <param name="architecture">The model.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="seed">Random seed of re-initialised tensors.</param>
    /// <param name="strict">
    /// Whether mismatches are refused; otherwise missing or differently shaped tensors are re-initialised and unexpected ones ignored.
    /// </param>
    /// <exception cref="RefusalException">
    /// The file violates its format, does not match the model, or has NaN; the message lists the tensors.
    /// </exception>
    public static (ModelWeights Weights, LoadReport Report) Load(Architecture architecture, string path, long seed, bool strict = true)
    {
        var weights = Empty(architecture);
        try
        {
            return (weights, Read(architecture, path, seed, strict, weights.Tensors));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Loads a file like <see cref="Load"/> into existing tensors, so that a model is filled without a second copy in memory.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="seed">Random seed of re-initialised tensors.</param>
    /// <param name="strict">Whether mismatches are refused, see <see cref="Load"/>.</param>
    /// <param name="into">
    /// Tensors in the order of <see cref="Architecture.Tensors"/> with their shapes and types. Contiguous tensors on the CPU are filled in place;
    /// for others (on a GPU, or channels last) a temporary copy of one tensor at a time is made.
    /// </param>
    /// <exception cref="RefusalException">
    /// The file violates its format, does not match the model, or has NaN; the message lists the tensors.
    /// </exception>
    public static LoadReport Read(Architecture architecture, string path, long seed, bool strict, IReadOnlyList<torch.Tensor> into)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(into);
        using var file = WeightsFile.Open(path);
        using var noGrad = torch.no_grad();
        var report = StateDictMatcher.Match(architecture, file, strict);
        var initialized = report.NewClassifier.Concat(report.Counters).Concat(report.Missing).Concat(report.Mismatched)
            .ToHashSet(StringComparer.Ordinal);
        var resampled = report.Resampled.ToHashSet(StringComparer.Ordinal);
        var (undefined, infinite) = (new List<string>(), new List<string>());
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            using var scope = torch.NewDisposeScope();
            var spec = architecture.Tensors[i];
            var inPlace = into[i].device_type == DeviceType.CPU && into[i].is_contiguous();
            var tensor = inPlace ? into[i] : Empty(spec);
            if (initialized.Contains(spec.Name))
            {
                Initialize(tensor, spec, seed);
            }
            else if (resampled.Contains(spec.Name))
            {
                PositionResampling.Resample(file, file.Find(report.Prefix + spec.Name)!, spec, tensor);
            }
            else
            {
                Copy(file, file.Find(report.Prefix + spec.Name)!, tensor);
            }

            if (spec.Role != TensorRole.Counter && !initialized.Contains(spec.Name) && !tensor.isfinite().all().IsTrue())
            {
                (tensor.isnan().any().IsTrue() ? undefined : infinite).Add(spec.Name);
            }

            if (!inPlace)
            {
                into[i].copy_(tensor);
            }
        }

        return undefined.Count == 0
            ? report with { Infinite = [.. infinite] }
            : throw new RefusalException(
                $"{path} has NaN in {undefined.Count} of {architecture.Tensors.Length} tensors ({StateDictMatcher.FirstNames(undefined)}), so that the model "
                + "would predict nothing; the training that wrote it diverged, or the file is damaged: use an earlier checkpoint, or fetch it again.");
    }

    /// <summary>Writes the tensors as safetensors with timm's names, in timm's order.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFormat.Write(path, Architecture.Tensors.Zip(Tensors, (spec, tensor) => (spec.Name, tensor)), metadata);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Copies a tensor of a file into a contiguous one on the CPU.</summary>
    internal static unsafe void Copy(TensorFile file, TensorEntry entry, torch.Tensor tensor)
    {
        // TorchSharp's own spans count bytes and are limited to 2 GiB.
        var count = tensor.numel();
        for (var start = 0L; start < count; start += CopyLength)
        {
            var length = (int)Math.Min(CopyLength, count - start);
            if (tensor.dtype == torch.ScalarType.Int64)
            {
                file.CopyTo(entry, start, new Span<long>(TensorMemory.Pointer<long>(tensor) + start, length));
            }
            else
            {
                file.CopyTo(entry, start, new Span<float>(TensorMemory.Pointer<float>(tensor) + start, length));
            }
        }
    }

    private static unsafe void Initialize(torch.Tensor tensor, TensorSpec spec, long seed)
    {
        if (spec.Role == TensorRole.Counter)
        {
            tensor.zero_();
        }
        else if (spec.Count > 0)
        {
            DeterministicFill.Fill(TensorMemory.Pointer<float>(tensor), spec.Count, spec.Initializer, seed, spec.Name);
        }
    }
}
