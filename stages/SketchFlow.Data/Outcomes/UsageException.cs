using SketchFlow.Data.Messages;

namespace SketchFlow.Data.Outcomes;

/// <summary>
/// A command line, recipe or other input file contains something that is not accepted. The message is one sentence that names what was found,
/// what was expected and the fix; the program prints it alone and exits with 2.
/// </summary>
public sealed class UsageException : Exception
{
    /// <summary>Reports wrong usage with the standard sentence.</summary>
    public UsageException() : this("The command line was not understood. Try: sketchflow --help") { }

    /// <summary>Reports wrong usage with <paramref name="message"/>.</summary>
    public UsageException(string message) : base(PrintableText.Clean(message, PrintableText.MaxMessage)) { }

    /// <summary>Reports wrong usage with <paramref name="message"/>, keeping the cause for <c>--verbose</c>.</summary>
    public UsageException(string message, Exception innerException)
        : base(PrintableText.Clean(message, PrintableText.MaxMessage), innerException) { }
}
