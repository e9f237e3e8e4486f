using System.Collections.Immutable;
using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>The numbers of an exploration, for <c>eda.json</c> and <c>--json</c>.</summary>
internal sealed record ExplorationSummary
{
    /// <summary>Name of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Number of usable images.</summary>
    public required int Images { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Number of usable images of each split.</summary>
    public required ImmutableSortedDictionary<string, int> Splits { get; init; }

    /// <summary>Number of rejected images.</summary>
    public required int Rejected { get; init; }

    /// <summary>Number of usable images of each file format.</summary>
    public required ImmutableSortedDictionary<string, int> Formats { get; init; }

    /// <summary>Number of images with colour.</summary>
    public required int Colour { get; init; }

    /// <summary>Number of images with light strokes on dark paper.</summary>
    public required int DarkPaper { get; init; }

    /// <summary>Number of images with an unusual value.</summary>
    public required int Unusual { get; init; }

    /// <summary>Number of images on the map.</summary>
    public required int Mapped { get; init; }

    /// <summary>Number of pairs of each kind of copy.</summary>
    public required ImmutableSortedDictionary<string, int> Twins { get; init; }

    /// <summary>Number of pairs in different splits.</summary>
    public required int TwinsAcrossSplits { get; init; }

    /// <summary>Number of pairs with different labels.</summary>
    public required int TwinsAcrossClasses { get; init; }

    /// <summary>Minimum, quartiles and maximum of each measure.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<double>> Quartiles { get; init; }

    /// <summary>Counts what was found.</summary>
    public static ExplorationSummary Create(DataExploration found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return new ExplorationSummary
        {
            Dataset = found.Data.Name,
            Images = found.Images.Length,
            Classes = found.Data.Classes.Length,
            Splits = found.Images.CountBy(i => i.Split).ToImmutableSortedDictionary(StringComparer.Ordinal),
            Rejected = found.Rejected.Length,
            Formats = found.Images.CountBy(i => i.Format).ToImmutableSortedDictionary(StringComparer.Ordinal),
            Colour = found.Images.Count(i => i.Measures.Colour > 0),
            DarkPaper = found.Images.Count(i => i.Measures.IsDarkPaper),
            Unusual = found.Unusual,
            Mapped = found.Map.Images.Length,
            Twins = Enum.GetValues<TwinKind>().ToImmutableSortedDictionary(ImageTwin.NameOf, found.Count, StringComparer.Ordinal),
            TwinsAcrossSplits = found.Twins.Count(t => t.IsAcrossSplits),
            TwinsAcrossClasses = found.Twins.Count(t => t.IsAcrossClasses),
            Quartiles = ImageMeasure.All.ToImmutableSortedDictionary(m => m.Name.Replace(' ', '_'), m => Five(found, m), StringComparer.Ordinal),
        };
    }

    private static ImmutableArray<double> Five(DataExploration found, ImageMeasure measure)
    {
        double[] sorted = [.. found.Images.Select(measure.Value).Order()];
        return [.. ((double[])[0, 0.25, 0.5, 0.75, 1]).Select(share => ImageMeasure.Quantile(sorted, share))];
    }
}
