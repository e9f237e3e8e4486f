using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;
using SketchFlow.Samples;

namespace SketchFlow.Learning.Weights;

public static partial class Safetensors
{
    /// <summary>Opens a file and checks its header; the tensors stay on the disk until they are asked for.</summary>
    /// <exception cref="RefusalException">It cannot be opened, or breaks a rule of the format; the message names file and tensor.</exception>
    public static SafetensorsFile Open(string path) => new(path);
}

/// <summary>An open safetensors file, mapped into memory: bytes are read when they are touched.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly ImmutableDictionary<string, TensorEntry> _byName;
    private readonly long _dataStart;
    private readonly byte* _first;
    private bool _disposed;

    internal SafetensorsFile(string path)
    {
        Path = path;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var size = stream.Length;
            var firstEight = new byte[Math.Min(8, size)];
            stream.ReadExactly(firstEight);
            var json = new byte[Safetensors.HeaderLength(firstEight, size, path)];
            stream.ReadExactly(json);
            var header = Safetensors.ParseHeader(json, size - 8 - json.Length, path);
            (Tensors, Metadata, _dataStart) = (header.Tensors, header.Metadata, header.DataStart);
            _byName = Tensors.ToImmutableDictionary(t => t.Name, StringComparer.Ordinal);
            if (size == _dataStart)
            {
                return;
            }

            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, size, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _first);
            _first += _view.PointerOffset;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _view?.Dispose();
            _file?.Dispose();
            throw new RefusalException($"{path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Its tensors in the header's order.</summary>
    public ImmutableArray<TensorEntry> Tensors { get; }

    /// <summary>The free text pairs of its header.</summary>
    public ImmutableDictionary<string, string> Metadata { get; }

    /// <summary>A tensor's entry, or null.</summary>
    public TensorEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Copies bytes of a tensor, whatever its type, from <paramref name="offset"/> on.</summary>
    public void CopyTo(TensorEntry tensor, long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.End - tensor.Begin - destination.Length);
        if (!destination.IsEmpty)
        {
            new ReadOnlySpan<byte>(_first + _dataStart + tensor.Begin + offset, destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Copies elements of a tensor as float32 from element <paramref name="start"/> on: F32 as it is, F16, BF16 and F64 converted.</summary>
    /// <exception cref="RefusalException">It has another type.</exception>
    public void CopyTo(TensorEntry tensor, long start, Span<float> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Count - destination.Length);
        switch (tensor.Dtype)
        {
            case "F32":
                CopyTo(tensor, start * sizeof(float), MemoryMarshal.AsBytes(destination));
                break;
            case "F16":
                Convert<Half>(tensor, start, destination, static h => (float)h);
                break;
            case "BF16":
                Convert<ushort>(tensor, start, destination, static b => BitConverter.UInt32BitsToSingle((uint)b << 16));
                break;
            case "F64":
                Convert<double>(tensor, start, destination, static d => (float)d);
                break;
            default:
                throw new RefusalException($"{Path} holds '{tensor.Name}' as {tensor.Dtype}; weights are F32, F16, BF16 or F64.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    // The format does not align tensors, so elements are copied out before they are looked at.
    private void Convert<T>(TensorEntry tensor, long start, Span<float> destination, Func<T, float> convert)
        where T : unmanaged, INumberBase<T>
    {
        Span<T> piece = new T[Math.Min(1 << 14, destination.Length)];
        for (var done = 0; done < destination.Length; done += piece.Length)
        {
            var part = piece[..Math.Min(piece.Length, destination.Length - done)];
            CopyTo(tensor, (start + done) * sizeof(T), MemoryMarshal.AsBytes(part));
            for (var i = 0; i < part.Length; i++)
            {
                destination[done + i] = convert(part[i]);
            }
        }
    }
}
