using System.CommandLine;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>One verb of the command line: declares its arguments and options, calls a job and prints the result.</summary>
/// <remarks>
/// A new verb is a class that derives from this one and carries a <see cref="VerbAttribute"/>; <see cref="VerbTree"/> finds it by reflection.
/// </remarks>
public abstract class Verb
{
    /// <summary>Arguments and options, in the order in which <c>--help</c> lists them.</summary>
    public abstract IReadOnlyList<Symbol> Parameters { get; }

    /// <summary>Runs the verb.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public abstract int Run(ParseResult parsed);

    /// <summary>Sentence for Ctrl-C while no <see cref="Interruption"/> ends the work in an orderly way.</summary>
    public virtual string InterruptedSentence => "Interrupted; nothing was changed.";

    /// <summary>Returns the sentence for an interruption of a verb that writes all its files at its end.</summary>
    /// <param name="isWriting">Whether it writes already.</param>
    protected static string InterruptedReport(bool isWriting) => isWriting
        ? "Interrupted while files were written: each is complete or unchanged. The same command writes all of them again."
        : "Interrupted; nothing was written. The same command starts again.";

    /// <summary>Prints a line on standard output.</summary>
    protected static void Log(string line) => Console.WriteLine(line);

    /// <summary>Prints a line on standard error.</summary>
    protected static void Warn(string line) => Console.Error.WriteLine(line);

    /// <summary>Runs an action that an <see cref="Interruption"/> cancels; it then prints a sentence and returns <see cref="ExitCode.Interrupted"/>.</summary>
    /// <param name="action">The action.</param>
    /// <param name="sentence">Sentence for the interruption: what is kept, and how to continue.</param>
    protected static int RunInterruptible(Func<CancellationToken, int> action, Func<string> sentence)
    {
        using var interruption = new Interruption();
        try
        {
            return action(interruption.Token);
        }
        catch (OperationCanceledException)
        {
            Log(sentence());
            return ExitCode.Interrupted;
        }
    }
}
