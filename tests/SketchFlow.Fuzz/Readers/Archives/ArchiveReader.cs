using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Preparing;

namespace SketchFlow.Fuzz.Readers.Archives;

/// <summary>Archives that are unpacked by <c>data prepare</c>.</summary>
/// <param name="name">Name of the reader.</param>
/// <param name="format">The structure of the archives.</param>
/// <param name="file">Name of the archive.</param>
public abstract class ArchiveReader(string name, InputFormat format, string file) : FileReader(name, format, file)
{
    /// <summary>Four images of two classes; their bytes are not decoded.</summary>
    protected static IEnumerable<(string Name, byte[] Body)> Members { get; } =
    [
        .. ((string[])["cat/1.png", "cat/2.png", "dog/1.png", "dog/3.jpg"])
            .Select(n => ("sketch/" + n, (byte[])[0x89, .. System.Text.Encoding.ASCII.GetBytes("PNG" + n)])),
    ];

    /// <inheritdoc/>
    protected sealed override string? ReadFile(string path, string folder)
    {
        var outside = Directory.GetFileSystemEntries(folder).Length;
        var target = Path.Combine(folder, "prepared");
        DataPreparation.Run(new PreparationOptions { Classes = 2, MaxGigabytes = 0.02, MaxFiles = 5000 }, path, target, (_, _) => { });

        // The files of answers and rejections are written next to the folder.
        var added = Directory.GetFileSystemEntries(folder).Length - outside;
        return added <= 3 ? null : throw new InvalidOperationException($"{added} entries outside the folder");
    }
}
