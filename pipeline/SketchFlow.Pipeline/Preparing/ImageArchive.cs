using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Labelled images as published: one folder per class, a zip or tar file of that, or Parquet shards.</summary>
internal abstract class ImageArchive : IDisposable
{
    private static readonly string[] _tarExtensions = [".tar", ".tar.gz", ".tgz"];

    /// <summary>Names of the members; lists the rejected ones.</summary>
    protected ArchiveNames Names { get; } = new();

    /// <summary>The members that are not used, complete after <see cref="Images"/>.</summary>
    public ImmutableArray<Rejected> Rejected => Names.Rejected;

    /// <summary>Line about entries of a folder that are not used; empty where all are used.</summary>
    public virtual string NotUsed => "";

    /// <summary>Opens a folder (in any layout that <see cref="DataSetReader.Read"/> supports), or a zip, tar or tar.gz file.</summary>
    /// <param name="source">The folder or file.</param>
    /// <param name="options">Limits, and the encoding of names.</param>
    /// <exception cref="RefusalException">It is none of these, or it is damaged.</exception>
    public static ImageArchive Open(string source, PreparationOptions options)
    {
        if (Directory.Exists(source))
        {
            return new DataSetImages(DataSetReader.Read(EnterSingleFolder(source), new DataSetOptions { Encoding = options.Encoding }));
        }

        var isZip = source.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        var isTar = _tarExtensions.Any(e => source.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        return !File.Exists(source) || !(isZip || isTar)
            ? throw new RefusalException($"No folder or .zip, .tar, .tar.gz or .tgz file {source}; expected ImageNet-Sketch as published.")
            : isZip ? new ZipImages(source, options) : new TarImages(source, options);
    }

    // The published zip file unpacks into one folder "sketch" that holds the classes; the folder around it is accepted as well.
    private static string EnterSingleFolder(string folder)
    {
        while (Directory.GetFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith('.')).ToArray() is [var only] && Directory.Exists(only)
            && Directory.EnumerateDirectories(only).Any())
        {
            folder = only;
        }

        return folder;
    }

    /// <summary>Lists all images that have a class.</summary>
    /// <exception cref="RefusalException">The archive is damaged, encrypted, or exceeds the limits.</exception>
    public abstract IEnumerable<ArchivedImage> Images();

    /// <summary>Copies the bytes of an image. Images with an <see cref="ArchivedImage.Order"/> are copied in that order.</summary>
    /// <exception cref="RefusalException">The image is damaged.</exception>
    public abstract void Copy(ArchivedImage image, Stream target);

    /// <inheritdoc/>
    public virtual void Dispose() { }
}
