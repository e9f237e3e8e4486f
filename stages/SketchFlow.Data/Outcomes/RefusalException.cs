using SketchFlow.Data.Messages;

namespace SketchFlow.Data.Outcomes;

/// <summary>
/// The user requested something that cannot be done. The message is one sentence that names what was found, what was expected and the fix; the
/// program prints it alone, without control characters and cut to a readable length, and exits with 1.
/// </summary>
public sealed class RefusalException : Exception
{
    /// <summary>Refuses with the standard sentence.</summary>
    public RefusalException() : this("SketchFlow cannot continue.") { }

    /// <summary>Refuses with <paramref name="message"/>.</summary>
    public RefusalException(string message) : base(PrintableText.Clean(message, PrintableText.MaxMessage)) { }

    /// <summary>Refuses with <paramref name="message"/>, keeping the cause for <c>--verbose</c>.</summary>
    public RefusalException(string message, Exception innerException)
        : base(PrintableText.Clean(message, PrintableText.MaxMessage), innerException) { }
}
