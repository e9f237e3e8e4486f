using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;

namespace SketchFlow.Learning.Models.Catalog;

/// <summary>
/// The classes of ImageNet's classifiers, in the order of timm's weights: words of WordNet, stored in <c>imagenet.tsv.gz</c>, which
/// <c>tests/reference/imagenet_names.py</c> generates.
/// </summary>
public static class ImageNetClasses
{
    private const int FirstNumber = 2;

    /// <summary>Numbers of classes that are known: 1,000 (1k), 11,221 (21k-miil), 11,821 (12k), 21,841 (22k), 21,842 (22k-ms), 21,843 (21k).</summary>
    public static ImmutableArray<int> Counts { get; } = [.. ReadLines().First().Split('\t').Skip(FirstNumber).Select(Integer)];

    /// <summary>Returns the classes of a classifier by their number; empty where no list of ImageNet has that many.</summary>
    /// <param name="count">Number of classes.</param>
    public static ImmutableArray<ImageNetClass> For(int count)
    {
        var column = Counts.IndexOf(count);
        if (column < 0)
        {
            return [];
        }

        var classes = new ImageNetClass[count];
        foreach (var cells in ReadLines().Skip(1).Select(line => line.Split('\t')))
        {
            if (cells[FirstNumber + column] is not "-" and var number)
            {
                classes[Integer(number)] = new ImageNetClass(cells[0], cells[1]);
            }
        }

        return [.. classes];
    }

    private static int Integer(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);

    private static IEnumerable<string> ReadLines()
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream("imagenet.tsv.gz")
            ?? throw new InvalidOperationException("The resource imagenet.tsv.gz is not in the assembly.");
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
