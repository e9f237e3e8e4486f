using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.TensorFiles;
using TorchSharp;

namespace SketchFlow.Learning.Weights.Safetensors;

public static partial class SafetensorsFormat
{
    private static readonly ImmutableDictionary<string, string> _torchLayout =
        ImmutableDictionary<string, string>.Empty.Add("format", "pt");

    /// <summary>
    /// Writes tensors atomically. The header lists them in the given order; the bytes are sorted by element size, largest first, so that each
    /// tensor is aligned to its elements, as PyTorch's reader requires.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="tensors">Tensors on any device, with any strides.</param>
    /// <param name="metadata">Free-text pairs in addition to <c>format: pt</c>, which tells Hugging Face's readers that the layout is PyTorch's.</param>
    /// <exception cref="RefusalException">A name occurs twice, or the format has no such element type.</exception>
    public static void Write(string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        var described = list.Select((t, index) => seen.Add(t.Name)
            ? (t.Name, t.Tensor, Dtype: DtypeOf(t.Tensor, t.Name), Bytes: t.Tensor.numel() * t.Tensor.element_size(), Index: index)
            : throw new RefusalException($"{path} cannot be written: it would contain the tensor '{t.Name}' twice.")).ToList();
        var placed = described.OrderByDescending(t => SafetensorsHeader.BitsPerElement[t.Dtype]).ThenBy(t => t.Index).ToList();
        var entries = new TensorEntry[list.Count];
        var at = 0L;
        foreach (var t in placed)
        {
            entries[t.Index] = new TensorEntry(t.Name, t.Dtype, [.. t.Tensor.shape], at, at + t.Bytes);
            at += t.Bytes;
        }

        var header = SafetensorsHeader.Format(entries, _torchLayout.SetItems(metadata ?? ImmutableDictionary<string, string>.Empty));
        WholeFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var t in placed)
            {
                using var scope = torch.NewDisposeScope();
                var onCpu = t.Tensor.detach().cpu().contiguous();
                if (t.Bytes > 0)
                {
                    stream.Write(onCpu.bytes);
                }
            }
        });
    }

    private static string DtypeOf(torch.Tensor tensor, string name) => tensor.dtype switch
    {
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Float16 => "F16",
        torch.ScalarType.BFloat16 => "BF16",
        torch.ScalarType.Float64 => "F64",
        torch.ScalarType.Int64 => "I64",
        torch.ScalarType.Int32 => "I32",
        torch.ScalarType.Int16 => "I16",
        torch.ScalarType.Int8 => "I8",
        torch.ScalarType.Byte => "U8",
        torch.ScalarType.Bool => "BOOL",
        var other => throw new RefusalException($"The tensor '{name}' has the element type {other}, which cannot be written as safetensors."),
    };
}
