using SketchFlow.Data.Messages;

namespace SketchFlow.Data.Outcomes;

/// <summary>An input that could not be used, and the reason: bad data is a value, not an exception.</summary>
/// <param name="Id">Row number of the sample.</param>
/// <param name="Path">Path of the image, as the data set writes it.</param>
/// <param name="Reason">One short clause, such as <c>truncated JPEG</c> or <c>no such file</c>.</param>
public sealed record Rejected(long Id, string Path, string Reason)
{
    /// <summary>One short clause without control characters, such as <c>truncated JPEG</c> or <c>no such file</c>.</summary>
    public string Reason { get; init; } = PrintableText.Line(Reason);

    /// <inheritdoc/>
    public override string ToString() => $"#{Id} {PrintableText.Line(Path)}: {Reason}";
}
