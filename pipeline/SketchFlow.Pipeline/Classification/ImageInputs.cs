using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Classification;

/// <summary>The images that a command line names: files, folders with all their subfolders, or <c>-</c> for paths on standard input.</summary>
/// <param name="given">The names, in order.</param>
/// <param name="input">Opens standard input.</param>
public sealed class ImageInputs(IReadOnlyList<string> given, Func<Stream> input)
{
    /// <summary>The name for paths on standard input.</summary>
    public const string StandardInput = "-";

    private readonly Dictionary<string, ImageFolder> _folders = given.Where(g => g != StandardInput && Directory.Exists(g)).Distinct(StringComparer.Ordinal)
        .ToDictionary(g => g, ImageFolder.List, StringComparer.Ordinal);

    /// <summary>Number of images; null where they are named on standard input.</summary>
    public long? Count => given.Contains(StandardInput, StringComparer.Ordinal)
        ? null
        : given.Sum(g => _folders.TryGetValue(g, out var folder) ? folder.Images.Length : 1L);

    /// <summary>Number of characters of the longest name; 0 where names come from standard input.</summary>
    public int LongestName => Count is null
        ? 0
        : given.Max(g => _folders.TryGetValue(g, out var folder) ? folder.Images.Select(i => i.ImagePath.Length).DefaultIfEmpty().Max() : g.Length);

    /// <summary>Says what the folders hold besides images, one line per folder.</summary>
    public IEnumerable<string> Notes => _folders.Where(f => f.Value.NotUsed.Length > 0).Select(f => $"{f.Key}: not used: {f.Value.NotUsed}");

    /// <summary>Lists the images in order; standard input is read as they are taken.</summary>
    /// <param name="cancellation">Ends the reading of standard input.</param>
    public IEnumerable<ImageInput> Read(CancellationToken cancellation) => given.SelectMany(g =>
        _folders.TryGetValue(g, out var folder) ? Of(folder)
        : g == StandardInput ? StandardInputPaths.Read(input(), cancellation).SelectMany(OfPath)
        : [new ImageInput(g)]);

    /// <summary>Refuses folders without images.</summary>
    /// <exception cref="RefusalException">There is no image at all.</exception>
    public void Check()
    {
        if (Count == 0)
        {
            var reasons = string.Join("; ", Notes);
            throw new RefusalException(
                $"There are no images in {string.Join(", ", given)}{(reasons.Length > 0 ? $" ({reasons})" : "")}; name images, or a folder with images.");
        }
    }

    private static IEnumerable<ImageInput> OfPath(string path) => Directory.Exists(path) ? Of(ImageFolder.List(path)) : [new ImageInput(path)];

    private static IEnumerable<ImageInput> Of(ImageFolder folder) =>
        folder.Images.Select(i => new ImageInput(i.ImagePath) { File = i.File, Fault = i.Fault });
}
