using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Standard output for long results: unlike <see cref="Console.Out"/> it tells when the reader of a pipe, such as <c>head</c>, has ended.</summary>
internal static class ResultOutput
{
    // The error of a pipe without a reader.
    private const int BrokenPipe = 32;

    /// <summary>Opens standard output; each line is written immediately.</summary>
    public static TextWriter Open()
    {
        if (!Console.IsOutputRedirected || OperatingSystem.IsWindows())
        {
            return Console.Out;
        }

        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (stream.CanSeek)
        {
            // A file: the stream would write at a position of its own, over what others append.
            return Console.Out;
        }

        var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        return new TerminalWriter(text, redirected: true);
    }

    /// <summary>Whether an error means that nobody reads the pipe any more.</summary>
    public static bool IsClosed(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.HResult == BrokenPipe;
    }
}
