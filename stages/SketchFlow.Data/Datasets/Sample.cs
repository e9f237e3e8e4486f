using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>One row of a data set: an image file and its label.</summary>
/// <param name="Id">Row number in its table, from 0; unique within one split.</param>
/// <param name="ImagePath">Path as the data set writes it (the <c>image_path</c> column).</param>
/// <param name="File">Path of the image on this machine.</param>
/// <param name="Target">Class number, 0-based; null for an unknown label (test rows).</param>
public sealed record Sample(long Id, string ImagePath, string File, int? Target)
{
    /// <summary>Reason why this row cannot be used, found while reading its table; null for a good row.</summary>
    /// <remarks>A bad row keeps its place, so that the ids of the other rows do not change.</remarks>
    public string? Fault { get; init; }

    /// <summary>Id that <c>test.csv</c> gives to the image, which submissions repeat; null where the table has no column of ids.</summary>
    public string? SubmissionId { get; init; }

    /// <summary>Range of the image within <see cref="File"/>; null where the whole file is the image.</summary>
    public FileSection? Section { get; init; }

    /// <summary>Opens the image's bytes as stored.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Stream OpenRead()
    {
        if (Section is not { } section)
        {
            return FileLength.Find(File) == 0 ? throw new EndOfStreamException($"{File} is empty.") : System.IO.File.OpenRead(File);
        }

        using var file = System.IO.File.OpenHandle(File);
        var bytes = new byte[section.Length];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), section.Offset + read) is > 0 and var more)
        {
            read += more;
        }

        return read == bytes.Length ? new MemoryStream(bytes, writable: false) : throw new EndOfStreamException($"{File} ends within {ImagePath}.");
    }

    /// <summary>Rejects this row for <paramref name="reason"/>.</summary>
    public Rejected Reject(string reason) => new(Id, ImagePath, reason);

    /// <inheritdoc/>
    public override string ToString() => $"#{Id} {ImagePath}";
}
