using System.Collections.Immutable;
using System.Globalization;

namespace SketchFlow.Learning.Models.Catalog;

/// <summary>The work of every architecture, kept in <c>work.tsv</c>, so that a list of all needs neither libtorch nor hundreds of recorded passes.</summary>
/// <remarks>The figures are those of <c>FlopCounter</c>; a test counts all of them again, and writes the file with <c>SKETCHFLOW_APPROVE=1</c>.</remarks>
public static class ZooWork
{
    private static readonly ImmutableDictionary<string, ArchitectureWork> _table = Read();

    /// <summary>Returns the work of an architecture.</summary>
    /// <param name="name">timm's architecture name, one of <see cref="Zoo.Names"/>.</param>
    /// <exception cref="ArgumentException">The file has no such architecture.</exception>
    public static ArchitectureWork Of(string name) => _table.TryGetValue(name, out var work)
        ? work
        : throw new ArgumentException($"work.tsv has no architecture {name}; run ZooWorkTests with SKETCHFLOW_APPROVE=1.", nameof(name));

    private static ImmutableDictionary<string, ArchitectureWork> Read()
    {
        using var stream = typeof(ZooWork).Assembly.GetManifestResourceStream("work.tsv")
            ?? throw new InvalidOperationException("The resource work.tsv is not in the assembly.");
        using var reader = new StreamReader(stream);
        var table = ImmutableDictionary.CreateBuilder<string, ArchitectureWork>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#') && line.Split('\t') is [var name, var all, var rest])
            {
                table[name] = new(long.Parse(all, CultureInfo.InvariantCulture), long.Parse(rest, CultureInfo.InvariantCulture));
            }
        }

        return table.ToImmutable();
    }
}
