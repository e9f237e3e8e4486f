using System.Collections.Immutable;
using System.Runtime.InteropServices;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>An open safetensors file, mapped into memory: bytes are read from disk on access.</summary>
public sealed class SafetensorsFile : TensorFile
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;
    private readonly ImmutableDictionary<string, TensorEntry> _byName;
    private bool _disposed;

    internal SafetensorsFile(string path) : base(path)
    {
        _file = new MappedFile(path);
        try
        {
            var length = SafetensorsHeader.ReadLength(_file.ReadBytes(0, (int)Math.Min(8, _file.Length)), _file.Length, path);
            _header = SafetensorsHeader.Parse(_file.ReadBytes(8, length), _file.Length - 8 - length, path);
            _byName = Tensors.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The tensors, in the order of the header.</summary>
    public override ImmutableArray<TensorEntry> Tensors => _header.Tensors;

    /// <summary>Free-text key-value pairs of the header.</summary>
    public override ImmutableDictionary<string, string> Metadata => _header.Metadata;

    /// <inheritdoc/>
    public override TensorEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Copies bytes of a tensor of any type, starting at byte <paramref name="offset"/>.</summary>
    public void CopyTo(TensorEntry tensor, long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.End - tensor.Begin - destination.Length);
        _file.Copy(_header.DataStart + tensor.Begin + offset, destination);
    }

    /// <inheritdoc/>
    public override unsafe void CopyElements<T>(TensorEntry tensor, long start, Span<T> destination) =>
        CopyTo(tensor, checked(start * sizeof(T)), MemoryMarshal.AsBytes(destination));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _file.Dispose();
        }
    }
}
