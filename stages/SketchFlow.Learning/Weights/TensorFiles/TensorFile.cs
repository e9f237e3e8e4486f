using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.TensorFiles;

/// <summary>An open file of named tensors. Names, types and shapes are read and checked when it is opened; elements are read on request.</summary>
public abstract class TensorFile : IDisposable
{
    private const int ConversionChunk = 1 << 12; // elements: 8 to 32 KiB

    private protected TensorFile(string path) => Path = path;

    /// <summary>Path of the file, as given by the caller.</summary>
    public string Path { get; }

    /// <summary>The tensors, in file order.</summary>
    public abstract ImmutableArray<TensorEntry> Tensors { get; }

    /// <summary>Free-text key-value pairs stored with the tensors.</summary>
    public virtual ImmutableDictionary<string, string> Metadata => ImmutableDictionary<string, string>.Empty;

    /// <summary>Returns the entry of a tensor, or null if the file has no tensor of that name.</summary>
    public abstract TensorEntry? Find(string name);

    /// <summary>Copies elements of a tensor as stored (little-endian), starting at element <paramref name="start"/>.</summary>
    /// <typeparam name="T">Element type; its size must equal that of the tensor's type.</typeparam>
    public abstract void CopyElements<T>(TensorEntry tensor, long start, Span<T> destination)
        where T : unmanaged;

    /// <summary>Copies elements of a tensor as float32, starting at element <paramref name="start"/>; F16, BF16 and F64 are converted.</summary>
    /// <exception cref="RefusalException">The tensor has another type.</exception>
    public void CopyTo(TensorEntry tensor, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Count - destination.Length);
        switch (tensor.Dtype)
        {
            case "F32":
                CopyElements(tensor, start, destination);
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
                throw new RefusalException($"{Path}: expected '{tensor.Name}' as F32, F16, BF16 or F64, got {tensor.Dtype}.");
        }
    }

    /// <summary>Copies elements of an integer tensor, starting at element <paramref name="start"/>.</summary>
    /// <exception cref="RefusalException">The tensor's type is not I64.</exception>
    public void CopyTo(TensorEntry tensor, long start, Span<long> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!string.Equals(tensor.Dtype, "I64", StringComparison.Ordinal))
        {
            throw new RefusalException($"{Path}: expected the counter '{tensor.Name}' as I64, got {tensor.Dtype}.");
        }

        CopyElements(tensor, start, destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    // The formats do not align tensors, so elements are copied out before they are read.
    private void Convert<T>(TensorEntry tensor, long start, Span<float> destination, Func<T, float> convert)
        where T : unmanaged, INumberBase<T>
    {
        // On the stack: an array for each tensor would stay until the next garbage collection, at the memory peak of loading.
        Span<T> buffer = stackalloc T[Math.Min(ConversionChunk, destination.Length)];
        for (var done = 0; done < destination.Length; done += buffer.Length)
        {
            var chunk = buffer[..Math.Min(buffer.Length, destination.Length - done)];
            CopyElements(tensor, start + done, chunk);
            for (var i = 0; i < chunk.Length; i++)
            {
                destination[done + i] = convert(chunk[i]);
            }
        }
    }
}
