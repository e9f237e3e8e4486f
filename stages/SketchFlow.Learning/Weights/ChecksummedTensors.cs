using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;

namespace SketchFlow.Learning.Weights;

/// <summary>
/// Flat buffers and a text as one safetensors file with a digest over all of it: what a run needs to go on. Written whole or not at all;
/// a file that has changed since is refused.
/// </summary>
internal static class ChecksummedTensors
{
    // Elements of a piece of a buffer: TorchSharp's spans count bytes in an int, and large models have more than 2 GiB of parameters.
    private const long Piece = 1 << 26;

    private const string TextKey = "sketchflow.text";
    private const string DigestKey = "sketchflow.sha256";

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Goes into the header.</param>
    /// <param name="buffers">By name; one dimension each, on any device.</param>
    public static void Write(string path, string text, IEnumerable<(string Name, torch.Tensor Buffer)> buffers)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        // Buffers on a card come to this side once, for the digest and the file.
        var pieces = buffers.SelectMany(b => Pieces(b.Name, b.Buffer)).Select(p => (p.Name, Tensor: p.Tensor.detach().cpu().contiguous())).ToList();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (var (name, tensor) in pieces)
        {
            hash.AppendData(Describe(name, [.. tensor.shape]));
            hash.AppendData(tensor.bytes);
        }

        SafetensorsFormat.Write(path, pieces, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TextKey] = text,
            [DigestKey] = Convert.ToHexStringLower(hash.GetHashAndReset()),
        });
    }

    /// <summary>Reads a file whole, holds it against its digest, and gives its text.</summary>
    /// <exception cref="RefusalException">It is damaged or no such file; the sentence names it.</exception>
    public static string Check(string path)
    {
        using var file = SafetensorsFormat.Open(path);
        if (file.Metadata.GetValueOrDefault(TextKey) is not { } text || file.Metadata.GetValueOrDefault(DigestKey) is not { } digest
            || file.Metadata.Count != 3 || file.Metadata.GetValueOrDefault("format") is not "pt")
        {
            throw new RefusalException($"{path} is no resume file, or a damaged one: its header holds {string.Join(", ", file.Metadata.Keys.Order(StringComparer.Ordinal))}, not format, {DigestKey} and {TextKey}.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        foreach (var tensor in file.Tensors)
        {
            hash.AppendData(Describe(tensor.Name, tensor.Shape));
            for (var at = 0L; at < tensor.End - tensor.Begin; at += buffer.Length)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.End - tensor.Begin - at));
                file.CopyTo(tensor, at, part);
                hash.AppendData(part);
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        return string.Equals(found, digest, StringComparison.Ordinal)
            ? text
            : throw new RefusalException($"{path} is damaged: its SHA-256 is {found[..12]}… and it was written with {digest[..Math.Min(12, digest.Length)]}….");
    }

    /// <summary>Copies a checked file's buffers into those given.</summary>
    /// <exception cref="RefusalException">It lacks a buffer, has one too many, or one of another size.</exception>
    public static void Read(string path, IEnumerable<(string Name, torch.Tensor Buffer)> buffers)
    {
        using var file = SafetensorsFormat.Open(path);
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var left = file.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, piece) in buffers.SelectMany(b => Pieces(b.Name, b.Buffer)))
        {
            if (file.Find(name) is not { } entry || entry.Count != piece.numel() || entry.End - entry.Begin != piece.numel() * piece.element_size())
            {
                throw new RefusalException(
                    $"{path} has {(file.Find(name) is { } other ? $"{other.Count} elements" : "nothing")} for {name}, where {piece.numel()} are expected; "
                    + "the recipe or the program has changed since: train again under another --run.");
            }

            using var here = torch.empty(piece.shape, piece.dtype);
            file.CopyTo(entry, 0, here.bytes);
            piece.copy_(here);
            left.Remove(name);
        }

        if (left.Count > 0)
        {
            throw new RefusalException(
                $"{path} has {string.Join(", ", left.Order(StringComparer.Ordinal).Take(4))}, which this run has not; "
                + "the recipe or the program has changed since: train again under another --run.");
        }
    }

    private static byte[] Describe(string name, IEnumerable<long> shape) => Encoding.UTF8.GetBytes($"{name} ({string.Join(", ", shape)})");

    private static IEnumerable<(string Name, torch.Tensor Tensor)> Pieces(string name, torch.Tensor buffer)
    {
        var count = buffer.numel();
        for (var (at, part) = (0L, 0); at < count; at += Piece, part++)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"{name}.{part}"), buffer.narrow(0, at, Math.Min(Piece, count - at)));
        }
    }
}
