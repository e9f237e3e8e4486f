using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The names that a checkpoint's pickle may use, and what is made of them. None is called.</summary>
/// <param name="root">The archive's folder, with its slash.</param>
/// <param name="members">The archive's members.</param>
internal sealed class TorchReader(string root, ImmutableDictionary<string, (long Offset, long Length)> members) : Pickle.Reader
{
    /// <summary>An object of which only its presence matters: a set of hooks, a training program's arguments.</summary>
    private sealed record Inert(string Name);

    private sealed record ElementType(string Dtype, int Size);

    private static readonly ElementType Untyped = new("U8", 1);

    /// <summary>By PyTorch's names of types; its old storage classes are named after C's (torch/storage.py).</summary>
    private static readonly ImmutableDictionary<string, ElementType> Types = new Dictionary<string, ElementType>(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = new("F32", 4),
        ["torch.DoubleStorage"] = new("F64", 8),
        ["torch.HalfStorage"] = new("F16", 2),
        ["torch.BFloat16Storage"] = new("BF16", 2),
        ["torch.LongStorage"] = new("I64", 8),
        ["torch.IntStorage"] = new("I32", 4),
        ["torch.ShortStorage"] = new("I16", 2),
        ["torch.CharStorage"] = new("I8", 1),
        ["torch.ByteStorage"] = new("U8", 1),
        ["torch.BoolStorage"] = new("BOOL", 1),
        ["torch.storage.UntypedStorage"] = Untyped,
        ["torch.UntypedStorage"] = Untyped,
        ["torch.float32"] = new("F32", 4),
        ["torch.float64"] = new("F64", 8),
        ["torch.float16"] = new("F16", 2),
        ["torch.bfloat16"] = new("BF16", 2),
        ["torch.int64"] = new("I64", 8),
        ["torch.int32"] = new("I32", 4),
        ["torch.int16"] = new("I16", 2),
        ["torch.int8"] = new("I8", 1),
        ["torch.uint8"] = new("U8", 1),
        ["torch.bool"] = new("BOOL", 1),
        ["torch.uint16"] = new("U16", 2),
        ["torch.uint32"] = new("U32", 4),
        ["torch.uint64"] = new("U64", 8),
        ["torch.float8_e4m3fn"] = new("F8_E4M3", 1),
        ["torch.float8_e5m2"] = new("F8_E5M2", 1),
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly ImmutableHashSet<string> Functions = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "collections.OrderedDict",
        "collections.defaultdict",
        "builtins.dict",
        "builtins.set",
        "__builtin__.set",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch.Size",
        "torch.device",
        "argparse.Namespace");

    /// <inheritdoc/>
    public override object? Find(Pickle.Global global)
    {
        var name = global.ToString();
        return Types.TryGetValue(name, out var type) ? type
            : Functions.Contains(name) ? global
            : throw new Pickle.PickleException(
                $"it asks for {name}, which is neither a tensor nor a container and is refused (nothing in it was run); in PyTorch, save only the state_dict(), best as safetensors");
    }

    /// <inheritdoc/>
    public override object? Call(object? function, object?[] arguments) => (function?.ToString(), arguments) switch
    {
        ("collections.OrderedDict" or "builtins.dict", []) => new Pickle.Map(),
        ("collections.OrderedDict" or "builtins.dict", [List<object?> pairs]) => FromPairs(pairs),
        ("collections.defaultdict", _) => new Pickle.Map(),
        ("builtins.set" or "__builtin__.set", _) => new List<object?>(),
        ("torch._utils._rebuild_tensor", [var storage, var offset, var size, var stride]) => Tensor(storage, offset, size, stride),
        ("torch._utils._rebuild_tensor_v2", [var storage, var offset, var size, var stride, _, _, ..]) => Tensor(storage, offset, size, stride),
        ("torch._utils._rebuild_tensor_v3", [var storage, var offset, var size, var stride, _, _, ElementType type, ..]) => Tensor(Typed(storage, type), offset, size, stride),
        ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state", [TorchTensor tensor, ..]) => tensor,
        ("torch.Size", [var sizes]) => sizes,
        ("torch.device" or "argparse.Namespace", _) => new Inert(function!.ToString()!),
        _ => throw new Pickle.PickleException($"it calls {function ?? "None"} with {arguments.Length} arguments that it does not take"),
    };

    /// <inheritdoc/>
    public override object? Persistent(object? id)
    {
        // ('storage', storage class, key, device, number of elements): torch/serialization.py, persistent_id.
        if (id is not object?[] { Length: 5 } parts || parts is not ["storage", ElementType type, string key, string, long count])
        {
            throw new Pickle.PickleException("a storage in its pickle is not described by class, key, device and number of elements");
        }

        var name = $"{root}data/{key}";
        if (!members.TryGetValue(name, out var member))
        {
            throw new Pickle.PickleException($"the storage {name} is missing from the archive");
        }

        return count >= 0 && member.Length % type.Size == 0 && member.Length / type.Size == count
            ? new TorchStorage(type.Dtype, type.Size, member.Offset, count)
            : throw new Pickle.PickleException($"the storage {name} has {member.Length} bytes, where {count} elements of {type.Dtype} are expected");
    }

    /// <inheritdoc/>
    public override void Build(object? target, object? state)
    {
        // An OrderedDict may carry attributes (a state dict's _metadata) and arguments carry theirs; nothing of them is a tensor of the model.
        if (target is not (Pickle.Map or Inert))
        {
            throw new Pickle.PickleException($"it gives a state to {target ?? "None"}, which has none");
        }
    }

    private static Pickle.Map FromPairs(List<object?> pairs)
    {
        var map = new Pickle.Map();
        foreach (var pair in pairs)
        {
            switch (pair)
            {
                case object?[] { Length: 2 } tuple: map.Items.Add((tuple[0], tuple[1])); break;
                case List<object?> { Count: 2 } list: map.Items.Add((list[0], list[1])); break;
                default: throw new Pickle.PickleException("a dictionary in its pickle is made of something that is no pair");
            }
        }

        return map;
    }

    private static TorchStorage Typed(object? storage, ElementType type)
    {
        if (storage is not TorchStorage { ElementSize: 1 } bytes || bytes.Count % type.Size != 0)
        {
            throw new Pickle.PickleException($"a tensor of {type.Dtype} lies over a storage that is not whole elements");
        }

        return new TorchStorage(type.Dtype, type.Size, bytes.Offset, bytes.Count / type.Size);
    }

    private static TorchTensor Tensor(object? storage, object? offset, object? size, object? stride)
    {
        if (storage is not TorchStorage bytes || offset is not long from || Numbers(size) is not { } shape || Numbers(stride) is not { } strides)
        {
            throw new Pickle.PickleException("a tensor in its pickle is not described by storage, offset, sizes and strides");
        }

        if (from < 0 || shape.Length != strides.Length || shape.Any(s => s < 0) || strides.Any(s => s < 0))
        {
            throw new Pickle.PickleException($"a tensor of sizes ({string.Join(", ", shape)}), strides ({string.Join(", ", strides)}) and offset {from} cannot be");
        }

        // In 128 bits, sum by sum, so that no overflow passes for a small tensor.
        var (count, last) = ((UInt128)1, (UInt128)from);
        for (var d = 0; d < shape.Length; d++)
        {
            count = UInt128.Min(count * (ulong)shape[d], ulong.MaxValue);
            last = UInt128.Min(last + ((UInt128)(ulong)Math.Max(0, shape[d] - 1) * (ulong)strides[d]), ulong.MaxValue);
        }

        var empty = shape.Contains(0);
        if (!empty && (count > long.MaxValue || last >= (ulong)bytes.Count))
        {
            throw new Pickle.PickleException(
                $"a tensor of sizes ({string.Join(", ", shape)}), strides ({string.Join(", ", strides)}) and offset {from} reaches beyond its storage of {bytes.Count} elements");
        }

        return new TorchTensor(bytes, empty ? 0 : from, shape, strides);
    }

    private static ImmutableArray<long>? Numbers(object? value) => value switch
    {
        object?[] tuple when tuple.All(v => v is long) => [.. tuple.Cast<long>()],
        List<object?> list when list.TrueForAll(v => v is long) => [.. list.Cast<long>()],
        _ => null,
    };
}
