using SketchFlow.Data.Datasets;

namespace SketchFlow.Data.Outcomes;

/// <summary>An input that could not be used, and why: bad data is a value, not an exception.</summary>
/// <param name="Id">The sample's row number.</param>
/// <param name="Path">The image path, as the data set writes it.</param>
/// <param name="Reason">One short clause, such as <c>truncated JPEG</c> or <c>no such file</c>.</param>
public sealed record Rejected(long Id, string Path, string Reason)
{
    /// <summary>Rejects <paramref name="sample"/> for <paramref name="reason"/>.</summary>
    public static Rejected From(Sample sample, string reason) => new(sample.Id, sample.ImagePath, reason);

    /// <inheritdoc/>
    public override string ToString() => $"#{Id} {Path}: {Reason}";
}
