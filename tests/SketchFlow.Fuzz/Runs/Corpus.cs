using System.IO.Compression;
using SketchFlow.Fuzz.Readers;

namespace SketchFlow.Fuzz.Runs;

/// <summary>The inputs that are mutated.</summary>
/// <param name="Seeds">Valid inputs that code creates.</param>
/// <param name="All">These, the files of the folder <c>Corpus</c>, and cases from elsewhere, valid or not.</param>
public sealed record Corpus(IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> All)
{
    private const string Prefix = "Corpus/";
    private const string Packed = ".gz";

    /// <summary>Loads the inputs of a reader.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="cases">Folder of further inputs; null or a missing folder has none.</param>
    public static Corpus Load(Reader reader, string? cases)
    {
        var folder = Directory.CreateTempSubdirectory("sketchflow-seeds-").FullName;
        try
        {
            IReadOnlyList<byte[]> seeds = [.. reader.CreateSeeds(folder)];
            return new Corpus(seeds, [.. seeds, .. Stored(reader), .. Cases(reader, cases)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<byte[]> Stored(Reader reader)
    {
        var assembly = typeof(Corpus).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith($"{Prefix}{reader.Name}/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            yield return Read(stream, name);
        }
    }

    private static IEnumerable<byte[]> Cases(Reader reader, string? cases)
    {
        if (cases is null || !Directory.Exists(cases))
        {
            yield break;
        }

        foreach (var path in reader.Cases.SelectMany(c => Directory.EnumerateFiles(Path.Combine(cases, Path.GetDirectoryName(c)!), Path.GetFileName(c)))
            .Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(path);
            if (Read(stream, path) is { Length: <= Mutation.Mutator.MaxLength } bytes)
            {
                yield return bytes;
            }
        }
    }

    private static byte[] Read(Stream stream, string name)
    {
        using var memory = new MemoryStream();
        if (name.EndsWith(Packed, StringComparison.Ordinal))
        {
            using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            unpacked.CopyTo(memory);
        }
        else
        {
            stream.CopyTo(memory);
        }

        return memory.ToArray();
    }
}
