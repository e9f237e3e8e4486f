using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>One row of a data set: an image file and what is known of it.</summary>
/// <param name="Id">Row number in its table, from 0; unique within one split.</param>
/// <param name="ImagePath">The path as the data set writes it (the <c>image_path</c> column).</param>
/// <param name="File">Where the image is on this machine.</param>
/// <param name="Target">Class number, 0-based; null where the label is not known (test rows).</param>
public sealed record Sample(long Id, string ImagePath, string File, int? Target)
{
    /// <summary>Why this row cannot be used, found while reading its table; null for a good row.</summary>
    /// <remarks>A bad row stays in its place, so that no other row moves into it.</remarks>
    public string? Fault { get; init; }

    /// <summary>Where the image lies within <see cref="File"/>; null where the file is the image.</summary>
    public FileSection? Section { get; init; }

    /// <summary>The image's bytes as stored.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Stream OpenRead()
    {
        if (Section is not { } section)
        {
            return System.IO.File.OpenRead(File);
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
