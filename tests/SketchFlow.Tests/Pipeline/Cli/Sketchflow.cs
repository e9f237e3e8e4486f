using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>The real program, as a user runs it.</summary>
internal static partial class Sketchflow
{
    private const int Interrupt = 2; // SIGINT

    public static string Path => System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "sketchflow"));

    /// <summary>Runs to the end; fails the test after eight minutes, which a crowded machine may need and a hang does not end in.</summary>
    public static Answer Run(string artifacts, params string[] arguments) => RunWith(artifacts, new Dictionary<string, string>(StringComparer.Ordinal), null, arguments);

    /// <summary>Runs with more environment, and interrupts it when a line of its output makes <paramref name="interruptAt"/> true.</summary>
    public static Answer RunWith(string artifacts, Dictionary<string, string> environment, Func<string, bool>? interruptAt, params string[] arguments)
    {
        Assert.True(File.Exists(Path), $"{Path} is not built; make build first");
        var start = new ProcessStartInfo(Path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SKETCHFLOW_ARTIFACTS"] = artifacts;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = new List<string>();
        var reader = Task.Run(() =>
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                output.Add(line);
                if (interruptAt?.Invoke(line) == true)
                {
                    Assert.Equal(0, kill(process.Id, Interrupt));
                }
            }
        });
        if (!process.WaitForExit(TimeSpan.FromMinutes(8)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"sketchflow {string.Join(' ', arguments)} did not end");
        }

        reader.Wait();
        return new Answer(process.ExitCode, string.Join('\n', output), error.Result);
    }

    /// <summary>Runs, and sends a signal so long after a condition has become true; without effect where it ends before.</summary>
    public static Answer RunUntil(string artifacts, Func<bool> condition, TimeSpan after, int signal, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SKETCHFLOW_ARTIFACTS"] = artifacts;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var limit = Stopwatch.StartNew();
        while (!process.HasExited && !condition() && limit.Elapsed < TimeSpan.FromMinutes(8))
        {
            Thread.Sleep(2);
        }

        Thread.Sleep(after);
        if (!process.HasExited)
        {
            _ = kill(process.Id, signal);
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"sketchflow {string.Join(' ', arguments)} did not end after signal {signal}");
        }

        return new Answer(process.ExitCode, output.Result, error.Result);
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
