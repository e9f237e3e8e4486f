namespace SketchFlow.Pipeline.Cli;

/// <summary>The command line asks for something that the verb does not take; the program exits with 2.</summary>
public sealed class UsageException : Exception
{
    /// <summary>Wrong usage without more words.</summary>
    public UsageException() : this("The command line is not understood; see sketchflow --help.") { }

    /// <summary>Wrong usage; the message is one sentence.</summary>
    public UsageException(string message) : base(message) { }

    /// <summary>Wrong usage, keeping the cause for <c>--verbose</c>.</summary>
    public UsageException(string message, Exception innerException) : base(message, innerException) { }
}
