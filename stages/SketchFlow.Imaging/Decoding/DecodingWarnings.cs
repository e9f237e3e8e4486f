using System.Collections.Concurrent;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;

namespace SketchFlow.Imaging.Decoding;

/// <summary>Files that were decoded completely although libjpeg found something odd in them, such as stray bytes between the parts.</summary>
public static class DecodingWarnings
{
    // Names are kept for a page of messages; all files are counted.
    private const int Capacity = 100_000;

    private static readonly ConcurrentDictionary<string, string> Files = new(StringComparer.Ordinal);

    /// <summary>Number of files with warnings since the start of the process, each counted once.</summary>
    public static int Count => Files.Count;

    /// <summary>Returns the warning of a file; null where it has none.</summary>
    /// <param name="path">Path of the file, as opened.</param>
    public static string? Find(string path) => Files.GetValueOrDefault(path);

    /// <summary>Describes the warnings in one sentence with an example; null where there are none.</summary>
    public static string? Describe()
    {
        if (Files.IsEmpty)
        {
            return null;
        }

        var (name, warning) = Files.OrderBy(file => file.Key, StringComparer.Ordinal).First();
        var path = PrintableText.Clean(name, PrintableText.MaxMessage);
        return Files.Count == 1
            ? $"1 image was decoded with a warning of libjpeg, which changes nothing: {path} ({warning})."
            : $"{Files.Count} images were decoded with warnings of libjpeg, which change nothing; for example {path} ({warning}).";
    }

    /// <summary>Returns the reason to reject a file whose image data is missing or corrupt; records other messages.</summary>
    internal static string? Check(Sample sample, IReadOnlyList<string> messages)
    {
        foreach (var message in messages)
        {
            if (Damage(message) is { } damage)
            {
                return damage;
            }
        }

        if (messages.Count > 0 && Files.Count < Capacity)
        {
            Files.TryAdd(sample.File, messages[0].Replace("Corrupt JPEG data: ", "", StringComparison.Ordinal));
        }

        return null;
    }

    // The texts of libjpeg-turbo's jerror.h. After all other warnings the decoder has read every coefficient.
    private static string? Damage(string message) => message switch
    {
        _ when message.StartsWith("Premature end", StringComparison.Ordinal) || message.EndsWith("premature end of data segment", StringComparison.Ordinal)
            => "damaged JPEG: image data is missing before the end marker",
        _ when message.Contains("bad Huffman code", StringComparison.Ordinal) || message.Contains("bad arithmetic code", StringComparison.Ordinal)
            => "damaged JPEG: its image data is corrupt",
        _ when message.Contains("instead of RST", StringComparison.Ordinal) => "damaged JPEG: a part of its image data is missing",
        _ => null,
    };
}
