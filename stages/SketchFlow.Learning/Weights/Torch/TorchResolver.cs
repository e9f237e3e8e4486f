using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// The names that the pickle of a checkpoint may use. They are interpreted as tensors and containers; none is called. The names are those of
/// <c>torch/_weights_only_unpickler.py</c>.
/// </summary>
/// <param name="root">Top folder of the archive, with a trailing slash.</param>
/// <param name="members">Position and length of each member of the archive.</param>
/// <param name="budget">Memory that the objects may take.</param>
internal sealed class TorchResolver(string root, ImmutableDictionary<string, (long Offset, long Length)> members, PickleBudget budget) : PickleResolver
{
    /// <summary>An object whose contents are ignored: a device, the arguments of a training program.</summary>
    private sealed record Opaque(string Name);

    private sealed record ElementType(string Dtype, int Size);

    private static readonly ElementType _untyped = new("U8", 1);

    /// <summary>Element types by PyTorch's names; the older storage classes are named after the types of C (torch/storage.py).</summary>
    private static readonly ImmutableDictionary<string, ElementType> _types = new Dictionary<string, ElementType>(StringComparer.Ordinal)
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
        ["torch.storage.UntypedStorage"] = _untyped,
        ["torch.UntypedStorage"] = _untyped,
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

    private static readonly ImmutableHashSet<string> _functions = ImmutableHashSet.Create(
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
    public override object? Find(PickleGlobal global)
    {
        var name = global.ToString();
        return _types.TryGetValue(name, out var type) ? type
            : _functions.Contains(name) ? global
            : throw new PickleException(
                $"it refers to {name}, which is neither a tensor nor a container and is refused (no code of the file was run); "
                + "in PyTorch, save only the state_dict(), preferably as safetensors");
    }

    /// <inheritdoc/>
    public override object? Call(object? function, object?[] arguments) => (function is PickleGlobal ? function.ToString() : null, arguments) switch
    {
        ("collections.OrderedDict" or "builtins.dict", []) => CreateDictionary([]),
        ("collections.OrderedDict" or "builtins.dict", [List<object?> pairs]) => CreateDictionary(pairs),
        ("collections.defaultdict", _) => CreateDictionary([]),
        ("builtins.set" or "__builtin__.set", _) => new List<object?>(),
        ("torch._utils._rebuild_tensor", [var storage, var offset, var size, var stride]) => Tensor(storage, offset, size, stride),
        ("torch._utils._rebuild_tensor_v2", [var storage, var offset, var size, var stride, _, _, ..]) => Tensor(storage, offset, size, stride),
        ("torch._utils._rebuild_tensor_v3", [var storage, var offset, var size, var stride, _, _, ElementType type, ..]) =>
            Tensor(Typed(storage, type), offset, size, stride),
        ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state", [TorchTensor tensor, ..]) => tensor,
        ("torch.Size", [var sizes]) => sizes,
        ("torch.device" or "argparse.Namespace", _) => new Opaque(function!.ToString()!),
        _ => throw new PickleException(
            $"it calls {PickleGlobal.Describe(function)} with {arguments.Length} arguments of unexpected number or type"),
    };

    /// <inheritdoc/>
    public override object? LoadPersistent(object? id)
    {
        // ('storage', storage class, key, device, number of elements): torch/serialization.py, persistent_id.
        if (id is not object?[] { Length: 5 } parts || parts is not ["storage", ElementType type, string key, string, long count])
        {
            throw new PickleException("its pickle does not describe a storage by class, key, device and number of elements");
        }

        var name = $"{root}data/{budget.Name(key)}";
        budget.Take(PickleBudget.Container);
        if (!members.TryGetValue(name, out var member))
        {
            throw new PickleException($"the storage {name} is missing from the archive");
        }

        return count >= 0 && member.Length % type.Size == 0 && member.Length / type.Size == count
            ? new TorchStorage(type.Dtype, type.Size, member.Offset, count)
            : throw new PickleException($"the storage {name} has {member.Length} bytes, expected {count} elements of {type.Dtype}");
    }

    /// <inheritdoc/>
    public override void SetState(object? target, object? state)
    {
        // An OrderedDict may have attributes (the _metadata of a state dict), and so have arguments. None of them is a tensor of the model.
        if (target is not (PickleDictionary or Opaque))
        {
            throw new PickleException($"it sets the state of {PickleGlobal.Describe(target)}, which has no state");
        }
    }

    private PickleDictionary CreateDictionary(List<object?> pairs)
    {
        budget.Take(PickleBudget.Container + (2L * PickleBudget.Item * pairs.Count));
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            switch (pair)
            {
                case object?[] { Length: 2 } tuple: dictionary.Items.Add((tuple[0], tuple[1])); break;
                case List<object?> { Count: 2 } list: dictionary.Items.Add((list[0], list[1])); break;
                default: throw new PickleException("its pickle creates a dictionary from items that are not pairs");
            }
        }

        return dictionary;
    }

    private TorchStorage Typed(object? storage, ElementType type)
    {
        if (storage is not TorchStorage { ElementSize: 1 } bytes || bytes.Count % type.Size != 0)
        {
            throw new PickleException($"a tensor of {type.Dtype} has a storage whose length is not a multiple of its element size");
        }

        budget.Take(PickleBudget.Container);
        return new TorchStorage(type.Dtype, type.Size, bytes.Offset, bytes.Count / type.Size);
    }

    private TorchTensor Tensor(object? storage, object? offset, object? size, object? stride)
    {
        budget.Take(2 * PickleBudget.Container);
        if (storage is not TorchStorage bytes || offset is not long from || Integers(size) is not { } shape || Integers(stride) is not { } strides)
        {
            throw new PickleException("its pickle does not describe a tensor by storage, offset, sizes and strides");
        }

        if (from < 0 || shape.Length != strides.Length || shape.Any(s => s < 0) || strides.Any(s => s < 0))
        {
            throw new PickleException(
                $"a tensor with sizes ({string.Join(", ", shape)}), strides ({string.Join(", ", strides)}) and offset {from} is impossible");
        }

        // In 128 bits with a limit after each step, so that an overflow cannot look like a small tensor.
        var (count, last) = ((UInt128)1, (UInt128)from);
        for (var d = 0; d < shape.Length; d++)
        {
            count = UInt128.Min(count * (ulong)shape[d], ulong.MaxValue);
            last = UInt128.Min(last + ((UInt128)(ulong)Math.Max(0, shape[d] - 1) * (ulong)strides[d]), ulong.MaxValue);
        }

        var empty = shape.Contains(0);
        if (!empty && (count > long.MaxValue || last >= (ulong)bytes.Count))
        {
            throw new PickleException(
                $"a tensor with sizes ({string.Join(", ", shape)}), strides ({string.Join(", ", strides)}) and offset {from} "
                + $"extends beyond its storage of {bytes.Count} elements");
        }

        return new TorchTensor(bytes, empty ? 0 : from, shape, strides);
    }

    // PyTorch's tensors have at most 64 dimensions. A longer list is not copied: it may be shared by every tensor of the file.
    private ImmutableArray<long>? Integers(object? value)
    {
        if (value is System.Collections.ICollection { Count: > PickleBudget.MaxDimensions and var count })
        {
            throw new PickleException($"a tensor has {count} dimensions, expected at most {PickleBudget.MaxDimensions}");
        }

        var integers = ToIntegers(value);
        budget.Take(PickleBudget.Item * (integers?.Length ?? 0));
        return integers;
    }

    private static ImmutableArray<long>? ToIntegers(object? value) => value switch
    {
        object?[] tuple when tuple.All(v => v is long) => [.. tuple.Cast<long>()],
        List<object?> list when list.TrueForAll(v => v is long) => [.. list.Cast<long>()],
        _ => null,
    };
}
