using System.Collections.Immutable;
using System.Numerics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Learning.Weights.Torch;

namespace SketchFlow.Learning.Weights;

/// <summary>A file of named tensors, open: its names, types and shapes are known and checked; the numbers are read when they are asked for.</summary>
public abstract class TensorFile : IDisposable
{
    private const int ConvertedAtOnce = 1 << 12; // elements: 8 to 32 KiB

    private protected TensorFile(string path) => Path = path;

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Its tensors, in the file's order.</summary>
    public abstract ImmutableArray<TensorEntry> Tensors { get; }

    /// <summary>The free text pairs beside the tensors.</summary>
    public virtual ImmutableDictionary<string, string> Metadata => ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Opens weights in any form that is read here, known by their first bytes: a safetensors file; the index of a sharded one
    /// (<c>model.safetensors.index.json</c>); a PyTorch zip checkpoint; or a folder that holds one of these under its usual name.
    /// </summary>
    /// <exception cref="RefusalException">It cannot be opened, or breaks its format; the message names the file and what is wrong.</exception>
    public static TensorFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            string[] usual = ["model.safetensors", SafetensorsFormat.IndexName, "pytorch_model.bin", "model.pth"];
            var found = usual.Select(name => System.IO.Path.Combine(path, name)).FirstOrDefault(File.Exists);
            return found is not null ? Open(found) : throw new RefusalException($"{path} is a folder without weights: none of {string.Join(", ", usual)} is in it.");
        }

        if (path.EndsWith(".index.json", StringComparison.Ordinal))
        {
            return SafetensorsFormat.OpenSharded(path);
        }

        Span<byte> first = stackalloc byte[16];
        try
        {
            using var stream = File.OpenRead(path);
            first = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{path} cannot be opened: {e.Message}", e);
        }

        return first switch
        {
            [(byte)'P', (byte)'K', ..] => TorchCheckpoint.Open(path),
            [0x80, >= 2 and <= 5, ..] => throw new RefusalException(
                $"{path} is a pickle without a zip archive around it, as PyTorch wrote before version 1.6; load it in PyTorch and save it again, best as safetensors."),
            [0x1F, 0x8B, ..] => throw new RefusalException($"{path} is compressed by gzip; unpack it first."),
            [(byte)'v', (byte)'e', (byte)'r', (byte)'s', (byte)'i', (byte)'o', (byte)'n', (byte)' ', ..] => throw new RefusalException(
                $"{path} is a pointer that Git LFS left in the place of the weights; run git lfs pull, or download the file itself."),
            _ => SafetensorsFormat.Open(path),
        };
    }

    /// <summary>A tensor's entry, or null.</summary>
    public abstract TensorEntry? Find(string name);

    /// <summary>Copies elements of a tensor as they are stored, little-endian, from element <paramref name="start"/> on.</summary>
    /// <typeparam name="T">An element: its size must be that of the tensor's type.</typeparam>
    public abstract void CopyElements<T>(TensorEntry tensor, long start, Span<T> destination)
        where T : unmanaged;

    /// <summary>Copies elements of a tensor as float32 from element <paramref name="start"/> on: F32 as it is, F16, BF16 and F64 converted.</summary>
    /// <exception cref="RefusalException">It has another type.</exception>
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
                throw new RefusalException($"{Path} holds '{tensor.Name}' as {tensor.Dtype}; weights are F32, F16, BF16 or F64.");
        }
    }

    /// <summary>Copies elements of an integer tensor from element <paramref name="start"/> on.</summary>
    /// <exception cref="RefusalException">It has another type than I64.</exception>
    public void CopyTo(TensorEntry tensor, long start, Span<long> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!string.Equals(tensor.Dtype, "I64", StringComparison.Ordinal))
        {
            throw new RefusalException($"{Path} holds the counter '{tensor.Name}' as {tensor.Dtype}; it must be I64.");
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

    // The formats do not align tensors, so elements are copied out before they are looked at.
    private void Convert<T>(TensorEntry tensor, long start, Span<float> destination, Func<T, float> convert)
        where T : unmanaged, INumberBase<T>
    {
        // On the stack: an array of this size for each tensor is garbage that lies about until the collector comes, at the very peak of a loading process.
        Span<T> piece = stackalloc T[Math.Min(ConvertedAtOnce, destination.Length)];
        for (var done = 0; done < destination.Length; done += piece.Length)
        {
            var part = piece[..Math.Min(piece.Length, destination.Length - done)];
            CopyElements(tensor, start + done, part);
            for (var i = 0; i < part.Length; i++)
            {
                destination[done + i] = convert(part[i]);
            }
        }
    }
}
