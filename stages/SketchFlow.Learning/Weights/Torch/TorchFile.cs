using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>An open PyTorch checkpoint. Each tensor is named by its path of dictionary keys, such as <c>state_dict.conv1.weight</c>.</summary>
public sealed class TorchFile : TensorFile
{
    private const string SaveAsSafetensors = "save the weights as safetensors, or with torch.save(model.state_dict())";

    private readonly MappedFile _file;
    private readonly ImmutableDictionary<string, (TensorEntry Entry, TorchTensor Tensor)> _byName;
    private readonly bool _bigEndian;

    internal TorchFile(string path) : base(path)
    {
        _file = new MappedFile(path);
        try
        {
            var members = StoredZip.Read(_file);
            var pickle = members.Keys.FirstOrDefault(n => n.EndsWith("/data.pkl", StringComparison.Ordinal) && n.AsSpan().Count('/') == 1)
                ?? throw WithoutPickle(members.Keys);
            var root = pickle[..^"data.pkl".Length];
            if (members.ContainsKey($"{root}constants.pkl"))
            {
                throw Invalid("it is a TorchScript program, not a checkpoint; save the state_dict() of the module instead");
            }

            _bigEndian = members.TryGetValue($"{root}byteorder", out var order) && ReadBigEndian(order.Offset, order.Length);
            var place = members[pickle];
            if (place.Length > PickleBudget.MaxLength)
            {
                throw Invalid($"its data.pkl has {place.Length} bytes, expected at most {PickleBudget.MaxLength}");
            }

            var budget = new PickleBudget();
            var value = PickleMachine.Read(_file.ReadBytes(place.Offset, (int)place.Length), new TorchResolver(root, members, budget), budget);
            (Tensors, _byName) = Index(TensorCollector.Collect(value, budget));
        }
        catch (PickleException e)
        {
            _file.Dispose();
            throw Invalid(e.Message, e);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorEntry> Tensors { get; }

    /// <inheritdoc/>
    public override TensorEntry? Find(string name) => _byName.TryGetValue(name, out var found) ? found.Entry : null;

    /// <inheritdoc/>
    public override unsafe void CopyElements<T>(TensorEntry tensor, long start, Span<T> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var (entry, layout) = _byName[tensor.Name];
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.Count - destination.Length);
        if (sizeof(T) != layout.Storage.ElementSize)
        {
            throw new ArgumentException($"Expected elements of {layout.Storage.ElementSize} bytes for '{tensor.Name}', got {sizeof(T)}.", nameof(tensor));
        }

        if (destination.IsEmpty)
        {
            return;
        }

        if (layout.IsContiguous)
        {
            _file.Copy(entry.Begin + (start * sizeof(T)), MemoryMarshal.AsBytes(destination));
        }
        else
        {
            CopyStrided(layout, start, destination);
        }

        if (_bigEndian && sizeof(T) > 1)
        {
            ReverseBytes(MemoryMarshal.AsBytes(destination), sizeof(T));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }

    /// <summary>Copies elements of a tensor with any strides, one by one.</summary>
    private unsafe void CopyStrided<T>(TorchTensor layout, long start, Span<T> destination)
        where T : unmanaged
    {
        var first = layout.Storage.Offset + (layout.Offset * layout.Storage.ElementSize);
        var index = new long[layout.Shape.Length];
        var at = 0L;
        for (var (d, rest) = (index.Length - 1, start); d >= 0; d--)
        {
            (rest, index[d]) = Math.DivRem(rest, layout.Shape[d]);
            at += index[d] * layout.Strides[d];
        }

        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = _file.Read<T>(first + (at * sizeof(T)));
            for (var d = index.Length - 1; d >= 0; d--)
            {
                at += layout.Strides[d];
                if (++index[d] < layout.Shape[d])
                {
                    break;
                }

                at -= layout.Shape[d] * layout.Strides[d];
                index[d] = 0;
            }
        }
    }

    private static void ReverseBytes(Span<byte> bytes, int size)
    {
        for (var i = 0; i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }

    private bool ReadBigEndian(long offset, long length)
    {
        var order = Encoding.ASCII.GetString(_file.ReadBytes(offset, (int)Math.Min(16, length)));
        return order switch { "little" => false, "big" => true, _ => throw Invalid($"its byte order is '{order}', expected little or big") };
    }

    private (ImmutableArray<TensorEntry> Tensors, ImmutableDictionary<string, (TensorEntry Entry, TorchTensor Tensor)> ByName) Index(
        IEnumerable<CollectedTensor> collected)
    {
        var tensors = ImmutableArray.CreateBuilder<TensorEntry>();
        var byName = ImmutableDictionary.CreateBuilder<string, (TensorEntry, TorchTensor)>(StringComparer.Ordinal);
        foreach (var (name, container, tensor) in collected)
        {
            var elementSize = tensor.Storage.ElementSize;
            var begin = tensor.Storage.Offset + (tensor.Offset * elementSize);
            var entry = new TensorEntry(name, tensor.Storage.Dtype, tensor.Shape, begin, begin + (tensor.Reach * elementSize)) { Container = container };
            if (!byName.TryAdd(name, (entry, tensor)))
            {
                throw Invalid($"it contains the tensor '{name}' twice");
            }

            tensors.Add(entry);
        }

        return (tensors.ToImmutable(), byName.ToImmutable());
    }

    private RefusalException WithoutPickle(IEnumerable<string> members) => members.Any(n => n.EndsWith(".npy", StringComparison.Ordinal))
        ? new RefusalException($"{Path} is a NumPy archive (.npz), not PyTorch weights; {SaveAsSafetensors}.")
        : Invalid("the archive has no data.pkl in its top folder");

    private RefusalException Invalid(string fault, Exception? cause = null)
    {
        var message = $"{Path} cannot be read as a PyTorch checkpoint: {fault}.";
        return cause is null ? new RefusalException(message) : new RefusalException(message, cause);
    }
}
