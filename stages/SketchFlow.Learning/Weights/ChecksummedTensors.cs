using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;

namespace SketchFlow.Learning.Weights;

/// <summary>
/// Flat buffers and a text in one safetensors file with a SHA-256 digest over everything: the state from which a run resumes. The file is written
/// atomically; a file that has changed since is refused.
/// </summary>
internal static class ChecksummedTensors
{
    // Elements per tensor of the file: TorchSharp's spans count bytes in an int, and large models have more than 2 GiB of parameters.
    private const long ChunkLength = 1 << 26;

    private const string TextKey = "sketchflow.text";
    private const string DigestKey = "sketchflow.sha256";

    /// <summary>Writes a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="text">Text stored in the header.</param>
    /// <param name="buffers">Named one-dimensional tensors on any device.</param>
    public static void Write(string path, string text, IEnumerable<(string Name, torch.Tensor Buffer)> buffers)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        // Buffers on a GPU are copied to the CPU once, for both the digest and the file.
        var chunks = buffers.SelectMany(b => Chunks(b.Name, b.Buffer)).Select(c => (c.Name, Tensor: c.Tensor.detach().cpu().contiguous())).ToList();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (var (name, tensor) in chunks)
        {
            hash.AppendData(Describe(name, [.. tensor.shape]));
            hash.AppendData(tensor.bytes);
        }

        SafetensorsFormat.Write(path, chunks, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TextKey] = text,
            [DigestKey] = Convert.ToHexStringLower(hash.GetHashAndReset()),
        });
    }

    /// <summary>Reads the whole file, verifies its digest and returns its text.</summary>
    /// <exception cref="RefusalException">The file is damaged or of another kind; the message names it.</exception>
    public static string Check(string path)
    {
        using var file = SafetensorsFormat.Open(path);
        if (file.Metadata.GetValueOrDefault(TextKey) is not { } text || file.Metadata.GetValueOrDefault(DigestKey) is not { } digest
            || file.Metadata.Count != 3 || file.Metadata.GetValueOrDefault("format") is not "pt")
        {
            throw new RefusalException(
                $"{path} is damaged or not a resume file: expected the header keys format, {DigestKey} and {TextKey}, "
                + $"got {string.Join(", ", file.Metadata.Keys.Order(StringComparer.Ordinal))}.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        foreach (var tensor in file.Tensors)
        {
            hash.AppendData(Describe(tensor.Name, tensor.Shape));
            for (var at = 0L; at < tensor.End - tensor.Begin; at += buffer.Length)
            {
                var chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.End - tensor.Begin - at));
                file.CopyTo(tensor, at, chunk);
                hash.AppendData(chunk);
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        return string.Equals(found, digest, StringComparison.Ordinal)
            ? text
            : throw new RefusalException($"{path} is damaged: expected SHA-256 {digest[..Math.Min(12, digest.Length)]}…, got {found[..12]}….");
    }

    /// <summary>Copies the contents of a checked file into the given buffers.</summary>
    /// <exception cref="RefusalException">A buffer is missing from the file, has another size, or is unknown to the caller.</exception>
    public static void Read(string path, IEnumerable<(string Name, torch.Tensor Buffer)> buffers)
    {
        using var file = SafetensorsFormat.Open(path);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var unread = file.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, chunk) in buffers.SelectMany(b => Chunks(b.Name, b.Buffer)))
        {
            if (file.Find(name) is not { } entry || entry.Count != chunk.numel() || entry.End - entry.Begin != chunk.numel() * chunk.element_size())
            {
                throw new RefusalException(
                    $"{path}: expected {chunk.numel()} elements for {name}, got {file.Find(name)?.Count ?? 0}; "
                    + "the recipe or the program has changed since: train again under another --run.");
            }

            using var onCpu = torch.empty(chunk.shape, chunk.dtype);
            file.CopyTo(entry, 0, onCpu.bytes);
            chunk.copy_(onCpu);
            unread.Remove(name);
        }

        if (unread.Count > 0)
        {
            throw new RefusalException(
                $"{path} contains {string.Join(", ", unread.Order(StringComparer.Ordinal).Take(4))}, unknown to this run; "
                + "the recipe or the program has changed since: train again under another --run.");
        }
    }

    private static byte[] Describe(string name, IEnumerable<long> shape) => Encoding.UTF8.GetBytes($"{name} ({string.Join(", ", shape)})");

    private static IEnumerable<(string Name, torch.Tensor Tensor)> Chunks(string name, torch.Tensor buffer)
    {
        var count = buffer.numel();
        for (var (at, number) = (0L, 0); at < count; at += ChunkLength, number++)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"{name}.{number}"), buffer.narrow(0, at, Math.Min(ChunkLength, count - at)));
        }
    }
}
