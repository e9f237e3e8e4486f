using System.Collections.Concurrent;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.DataPages;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>Small pictures of the images that a page shows, each decoded once.</summary>
/// <param name="found">The exploration.</param>
internal sealed class ExplorationPictures(DataExploration found)
{
    // Large enough for the details of a drawing, at 1 to 3 KB each.
    private const int Side = 96;

    private readonly ConcurrentDictionary<Sample, string?> _pictures = new(ReferenceEqualityComparer.Instance);

    /// <summary>Decodes images in parallel.</summary>
    public void Prepare(IEnumerable<ExploredImage> images) =>
        Parallel.ForEach(images.DistinctBy(i => i.Sample, ReferenceEqualityComparer.Instance), i => _pictures[i.Sample] = Draw(i.Sample));

    /// <summary>Returns an image with its place; the picture is missing if the image was not prepared or can no longer be read.</summary>
    public PagePicture this[ExploredImage image]
    {
        get
        {
            var name = found.ClassName(image);
            return new PagePicture(
                image.Sample.ImagePath, name.Length == 0 ? image.Split : $"{image.Split}, {name}", _pictures.GetValueOrDefault(image.Sample));
        }
    }

    private static string? Draw(Sample sample)
    {
        using var pixels = PictureReader.Read(sample, Side);
        return pixels is null ? null : Thumbnail.ToDataUri(pixels, Side);
    }
}
