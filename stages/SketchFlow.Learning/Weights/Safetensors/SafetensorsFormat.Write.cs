using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Weights.Safetensors;

public static partial class SafetensorsFormat
{
    private static readonly ImmutableDictionary<string, string> FromTorch =
        ImmutableDictionary<string, string>.Empty.Add("format", "pt");

    /// <summary>
    /// Writes tensors, whole or not at all. The header names them in the given order; the bytes lie with the widest types
    /// first, so that each tensor is aligned to its elements, as PyTorch's reader needs.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">On any device, with any strides.</param>
    /// <param name="metadata">Free text pairs, beside <c>format: pt</c>, by which Hugging Face's readers know PyTorch's layout.</param>
    /// <exception cref="RefusalException">A name occurs twice, or a type is not one of the format.</exception>
    public static void Write(string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        var described = list.Select((t, index) => seen.Add(t.Name)
            ? (t.Name, t.Tensor, Dtype: DtypeOf(t.Tensor, t.Name), Bytes: t.Tensor.numel() * t.Tensor.element_size(), Index: index)
            : throw new RefusalException($"{path} cannot be written: the tensor '{t.Name}' is given twice.")).ToList();
        var placed = described.OrderByDescending(t => Bits[t.Dtype]).ThenBy(t => t.Index).ToList();
        var entries = new TensorEntry[list.Count];
        var at = 0L;
        foreach (var t in placed)
        {
            entries[t.Index] = new TensorEntry(t.Name, t.Dtype, [.. t.Tensor.shape], at, at + t.Bytes);
            at += t.Bytes;
        }

        var header = FormatHeader(entries, FromTorch.SetItems(metadata ?? ImmutableDictionary<string, string>.Empty));
        WholeFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var t in placed)
            {
                using var scope = torch.NewDisposeScope();
                var here = t.Tensor.detach().cpu().contiguous();
                if (t.Bytes > 0)
                {
                    stream.Write(here.bytes);
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
        var other => throw new RefusalException($"The tensor '{name}' has type {other}, which safetensors files here do not hold."),
    };
}
