using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Pipeline;

/// <summary>The program <c>sketchflow</c>: runs a verb, and prints errors as one sentence.</summary>
public static class Program
{
    /// <summary>Runs one verb.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Main(string[] args)
    {
        TerminalWriter.Install();
        var parsed = VerbTree.Build().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine(error.Message);
            }

            Console.Error.WriteLine(VerbTree.Hint(parsed));
            return ExitCode.Usage;
        }

        try
        {
            // The verbs handle Ctrl-C themselves: training saves first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            return Report(e, parsed.GetValue(CommonOptions.Verbose));
        }
    }

    private static int Report(Exception thrown, bool verbose)
    {
        // A refusal within a flow prints the same sentence as one of a verb.
        var error = thrown is FlowException { InnerException: (RefusalException or UsageException) and var cause } ? cause : thrown;
        if (error is OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        Console.Error.WriteLine(
            error is RefusalException or UsageException ? error.Message
            : MissingLibrary(error) is { } library ? $"{library} does not load; run sketchflow doctor, which says what is missing and how to fix it."
            : $"{error.GetType().Name}: {error.Message}");
        if (verbose)
        {
            Console.Error.WriteLine(error);
        }

        return error is UsageException ? ExitCode.Usage : ExitCode.Failed;
    }

    // The exception for a native library is wrapped: by the type initialiser, and by the task that first used the type.
    private static string? MissingLibrary(Exception? error) => error switch
    {
        DllNotFoundException => error.Message.Split('\'') is [_, var name, ..] ? name : "A native library",
        AggregateException many => many.InnerExceptions.Select(MissingLibrary).FirstOrDefault(name => name is not null),
        _ => error?.InnerException is { } inner ? MissingLibrary(inner) : null,
    };
}
