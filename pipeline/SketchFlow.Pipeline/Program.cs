using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Installation;

namespace SketchFlow.Pipeline;

/// <summary>The program <c>sketchflow</c>: runs a verb, and prints errors as one sentence.</summary>
public static class Program
{
    // Training with two cores needs about 130: libraries, the terminal, images and tables.
    private const int LeastHandles = 192;

    /// <summary>Runs one verb.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Main(string[] args)
    {
        if (FindShortageOfHandles() is { } shortage)
        {
            Console.Error.WriteLine(shortage);
            return ExitCode.Failed;
        }

        TerminalWriter.Install();
        LibTorch.Source = LibTorchCache.IsNeeded ? LibTorchCache.OfUser(Progress.Open, Console.Error.WriteLine) : null;
        // An exception on another thread would otherwise end the program with its stack trace.
        AppDomain.CurrentDomain.UnhandledException -= End;
        AppDomain.CurrentDomain.UnhandledException += End;
        using var display = StatusDisplay.Current;
        ParseResult? parsed = null;
        try
        {
            parsed = VerbTree.Parse(args);
            // A request for completions is a command line that is not finished.
            if (parsed.Errors.Count > 0 && !args[0].StartsWith('['))
            {
                throw new UsageException(UsageErrors.Describe(parsed));
            }

            // The verbs handle Ctrl-C themselves: training saves first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            return Report(e, parsed?.GetValue(CommonOptions.Verbose) ?? false);
        }
    }

    // Without handles, .NET cannot load its own libraries and ends with a stack trace. It has raised the limit as far as it may.
    private static string? FindShortageOfHandles()
    {
        const string Limits = "/proc/self/limits";
        const string Name = "Max open files";
        var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is not null && int.TryParse(line[Name.Length..].TrimStart().Split(' ')[0], CultureInfo.InvariantCulture, out var limit)
            && limit < LeastHandles
            ? $"Only {limit} files may be open at the same time, expected at least {LeastHandles}; raise the limit with ulimit -n 1024."
            : null;
    }

    private static void End(object sender, UnhandledExceptionEventArgs unhandled) =>
        Environment.Exit(Report(unhandled.ExceptionObject as Exception ?? new InvalidOperationException("unknown"), verbose: false));

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
            : SystemErrors.Describe(error) is { } sentence ? sentence
            : LibTorchErrors.IsOutOfMemory(error)
                ? $"Memory ran out ({FirstLine(error)}); use a smaller batch_size or image_size, or fewer workers, or end other programs."
            : MissingLibrary(error) is { } library ? $"{library} does not load; run sketchflow doctor, which says what is missing and how to fix it."
            : $"An error of the program: {FirstLine(error)}; --verbose prints the details that a report of it needs.");
        if (verbose)
        {
            Console.Error.WriteLine(error);
        }

        return error is UsageException ? ExitCode.Usage : ExitCode.Failed;
    }

    // The messages of libtorch continue with a stack of C++ functions.
    private static string FirstLine(Exception error) => PrintableText.Line(error.Message.Split('\n')[0], 500).TrimEnd('.', ' ');

    // The exception for a native library is wrapped: by the type initialiser, and by the task that first used the type.
    private static string? MissingLibrary(Exception? error) => error switch
    {
        DllNotFoundException => error.Message.Split('\'') is [_, var name, ..] ? name : "A native library",
        AggregateException many => many.InnerExceptions.Select(MissingLibrary).FirstOrDefault(name => name is not null),
        _ => error?.InnerException is { } inner ? MissingLibrary(inner) : null,
    };
}
