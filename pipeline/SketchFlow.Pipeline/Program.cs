using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Pipeline;

/// <summary>The program <c>sketchflow</c>: verbs, exit codes, and errors as one sentence.</summary>
public static class Program
{
    /// <summary>Runs one verb.</summary>
    /// <returns>0 done; 1 failed; 2 wrong usage; 3 done, but some inputs were rejected; 130 interrupted.</returns>
    public static int Main(string[] args)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Show the stack trace of an error.", Recursive = true };
        var root = new RootCommand("SketchFlow: sketch-image classification as functional dataflow, in C#.") { verbose };
        foreach (var verb in Verb.All())
        {
            root.Add(verb);
        }

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine(error.Message);
            }

            var verbs = parsed.CommandResult.Command.Parents.OfType<Command>().Reverse().Append(parsed.CommandResult.Command).Where(c => c != root).Select(c => c.Name + " ");
            Console.Error.WriteLine($"sketchflow {string.Concat(verbs)}--help shows what is accepted.");
            return ExitCode.Usage;
        }

        try
        {
            // The verbs handle Ctrl-C themselves: training saves first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            return Explain(e);
        }

        int Explain(Exception thrown)
        {
            // A refusal is the same sentence whether a verb or a flow's sink found it.
            var error = thrown is FlowException { InnerException: (RefusalException or UsageException) and var cause } ? cause : thrown;
            var code = error switch { OperationCanceledException => ExitCode.Interrupted, UsageException => ExitCode.Usage, _ => ExitCode.Failed };
            if (code == ExitCode.Interrupted)
            {
                return code;
            }

            Console.Error.WriteLine(
                error is RefusalException or UsageException ? error.Message
                : MissingLibrary(error) is { } library ? $"{library} does not load; run sketchflow doctor, which says what is missing and how to mend it."
                : $"{error.GetType().Name}: {error.Message}");
            if (parsed.GetValue(verbose))
            {
                Console.Error.WriteLine(error);
            }

            return code;
        }
    }

    // A native library that does not load comes wrapped: once in a type's initialiser, once in the task that met it first.
    private static string? MissingLibrary(Exception? error) => error switch
    {
        DllNotFoundException => error.Message.Split('\'') is [_, var name, ..] ? name : "A native library",
        AggregateException many => many.InnerExceptions.Select(MissingLibrary).FirstOrDefault(name => name is not null),
        _ => error?.InnerException is { } inner ? MissingLibrary(inner) : null,
    };
}
