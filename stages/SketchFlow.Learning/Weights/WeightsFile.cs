using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Learning.Weights.TensorFiles;
using SketchFlow.Learning.Weights.Torch;

namespace SketchFlow.Learning.Weights;

/// <summary>Opens weights in every supported format.</summary>
public static class WeightsFile
{
    private static readonly string[] _usualNames = ["model.safetensors", ShardIndex.FileName, "pytorch_model.bin", "model.pth"];

    /// <summary>
    /// Opens a safetensors file, the index of a sharded one (<c>model.safetensors.index.json</c>), a PyTorch zip checkpoint, or a folder
    /// that contains one of these under its usual name. The format is recognised by the first bytes, and other kinds of files are named.
    /// </summary>
    /// <exception cref="RefusalException">The file cannot be opened or violates its format; the message names the file and the fault.</exception>
    public static TensorFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            return FindIn(path) is { } found
                ? Open(found)
                : throw new RefusalException($"The folder {path} contains no weights: expected one of {string.Join(", ", _usualNames)}.");
        }

        if (path.EndsWith(".index.json", StringComparison.Ordinal))
        {
            return SafetensorsFormat.OpenSharded(path);
        }

        var first = ReadStart(path);
        return first switch
        {
            [(byte)'P', (byte)'K', ..] => TorchCheckpoint.Open(path),
            [0x80, >= 2 and <= 5, ..] => throw new RefusalException(
                $"{path} is a pickle without a zip archive, the format of PyTorch before version 1.6; "
                + "load it in PyTorch and save it again, preferably as safetensors."),
            [0x1F, 0x8B, ..] => throw new RefusalException($"{path} is compressed with gzip; decompress it first."),
            [_, _, _, _, _, _, _, _, (byte)'{', ..] => SafetensorsFormat.Open(path),
            _ => FileKind.Recognise(first) is { } kind ? throw new RefusalException($"{path} is {kind.InsteadOf("weights")}.") : SafetensorsFormat.Open(path),
        };
    }

    /// <summary>Finds the weights in a folder by their usual names; null if there are none.</summary>
    /// <param name="folder">The folder.</param>
    public static string? FindIn(string folder) => _usualNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Whether a name has an extension of weights.</summary>
    /// <param name="name">Name or path of a file.</param>
    public static bool IsUsualName(string name) => Path.GetExtension(name).ToLowerInvariant() is ".safetensors" or ".bin" or ".pth" or ".pt" or ".json";

    private static ReadOnlySpan<byte> ReadStart(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var first = new byte[FileKind.BytesNeeded];
            return first.AsSpan(0, stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException($"{path} cannot be opened: {e.Message}", e);
        }
    }
}
