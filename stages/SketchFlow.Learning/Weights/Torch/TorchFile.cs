using System.Collections.Immutable;
using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>An open PyTorch checkpoint: the tensors of its dictionaries, each under its path of keys, such as <c>state_dict.conv1.weight</c>.</summary>
public sealed class TorchFile : TensorFile
{
    private const int Deepest = 8;
    private const int MostEntries = 1_000_000;

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
                ?? throw Bad("the archive has no data.pkl at its top");
            var root = pickle[..^"data.pkl".Length];
            if (members.ContainsKey($"{root}constants.pkl"))
            {
                throw Bad("it is a TorchScript program and not a checkpoint; save the state_dict() of the module instead");
            }

            if (members.TryGetValue($"{root}byteorder", out var order))
            {
                var said = System.Text.Encoding.ASCII.GetString(_file.Bytes(order.Offset, (int)Math.Min(16, order.Length)));
                _bigEndian = said switch { "little" => false, "big" => true, _ => throw Bad($"its byte order is '{said}', where little or big is expected") };
            }

            var place = members[pickle];
            if (place.Length > int.MaxValue / 2)
            {
                throw Bad($"its data.pkl has {place.Length} bytes");
            }

            var value = Pickle.Read(_file.Bytes(place.Offset, (int)place.Length), new TorchReader(root, members));
            var tensors = ImmutableArray.CreateBuilder<TensorEntry>();
            var byName = ImmutableDictionary.CreateBuilder<string, (TensorEntry, TorchTensor)>(StringComparer.Ordinal);
            var left = MostEntries;
            Collect(value, "", 0, ref left, (name, container, tensor) =>
            {
                var begin = tensor.Storage.Offset + (tensor.Offset * tensor.Storage.ElementSize);
                var entry = new TensorEntry(name, tensor.Storage.Dtype, tensor.Shape, begin, begin + (tensor.Reach * tensor.Storage.ElementSize)) { Container = container };
                if (byName.TryAdd(name, (entry, tensor)))
                {
                    tensors.Add(entry);
                }
                else
                {
                    throw Bad($"it holds the tensor '{name}' twice");
                }
            });
            (Tensors, _byName) = (tensors.ToImmutable(), byName.ToImmutable());
        }
        catch (Pickle.PickleException e)
        {
            _file.Dispose();
            throw Bad(e.Message, e);
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
            throw new ArgumentException($"'{tensor.Name}' has elements of {layout.Storage.ElementSize} bytes, not {sizeof(T)}.", nameof(tensor));
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
            Gather(layout, start, destination);
        }

        if (_bigEndian && sizeof(T) > 1)
        {
            Reverse(MemoryMarshal.AsBytes(destination), sizeof(T));
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

    /// <summary>Any strides: the part of the storage that the tensor reaches is read whole, and picked from.</summary>
    private void Gather<T>(TorchTensor layout, long start, Span<T> destination)
        where T : unmanaged
    {
        var reach = new T[layout.Reach];
        _file.Copy(layout.Storage.Offset + (layout.Offset * layout.Storage.ElementSize), MemoryMarshal.AsBytes(reach.AsSpan()));
        var index = new long[layout.Shape.Length];
        var at = 0L;
        for (var (d, rest) = (index.Length - 1, start); d >= 0; d--)
        {
            (rest, index[d]) = Math.DivRem(rest, layout.Shape[d]);
            at += index[d] * layout.Strides[d];
        }

        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = reach[at];
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

    private static void Reverse(Span<byte> bytes, int size)
    {
        for (var i = 0; i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }

    /// <summary>Walks the dictionaries with text keys. Shared and even circular containers are legal pickles: depth and number are bounded.</summary>
    private static void Collect(object? value, string container, int depth, ref int left, Action<string, string, TorchTensor> found)
    {
        if (value is not Pickle.Map map)
        {
            if (depth == 0)
            {
                throw new Pickle.PickleException("it holds no dictionary of tensors");
            }

            return;
        }

        // Of two items with one key Python keeps the later one.
        var last = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, item) in map.Items)
        {
            if (--left < 0)
            {
                throw new Pickle.PickleException($"its dictionaries have more than {MostEntries} entries");
            }

            if (key is string name)
            {
                last[name] = item;
            }
        }

        foreach (var (name, item) in last)
        {
            if (item is TorchTensor tensor)
            {
                found(Join(container, name), container, tensor);
            }
            else if (depth < Deepest)
            {
                Collect(item, Join(container, name), depth + 1, ref left, found);
            }
        }

        static string Join(string before, string name) => before.Length == 0 ? name : $"{before}.{name}";
    }

    private RefusalException Bad(string why, Exception? cause = null)
    {
        var message = $"{Path} cannot be read as a PyTorch checkpoint: {why}.";
        return cause is null ? new RefusalException(message) : new RefusalException(message, cause);
    }
}
