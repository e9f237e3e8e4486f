using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets;

/// <summary>The images of a folder and of its subfolders, without classes and splits.</summary>
/// <param name="Images">The images, sorted by path; a folder that cannot be read has an entry with a fault. Paths begin with the folder as given.</param>
/// <param name="NotUsed">Entries that are left out, such as <c>2 files that are no images (a.txt, b.csv)</c>; empty where all are used.</param>
public sealed record ImageFolder(ImmutableArray<Sample> Images, string NotUsed)
{
    /// <summary>
    /// Lists the images of a folder. A file is an image if its name or its first bytes are those of an image; hidden entries are left out, and links to
    /// folders are followed once.
    /// </summary>
    /// <param name="folder">The folder.</param>
    public static ImageFolder List(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var (root, notUsed) = (Path.GetFullPath(folder), new NotUsed());
        var found = new FolderScan(root, notUsed).Images(root);
        return new ImageFolder(
            [
                .. found.Select((image, i) =>
                    new Sample(i, Path.Combine(folder, Path.GetRelativePath(root, image.File)), image.File, null) { Fault = image.Fault }),
            ],
            notUsed.ToString());
    }
}
