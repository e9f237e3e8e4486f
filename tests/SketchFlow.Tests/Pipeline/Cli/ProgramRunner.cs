using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Runs the real program in a process of its own.</summary>
internal static partial class ProgramRunner
{
    private const int SigInt = 2;

    // A busy machine may need minutes; only a hang takes longer.
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(8);

    // Under nohup, or in the background of a shell without job control, children inherit an ignored SIGINT or SIGHUP, which no test could then send.
    // coreutils 8.31 and later can reset it before they execute the program in the same process.
    private static readonly Lazy<bool> _envResetsSignals = new(() =>
    {
        try
        {
            var start = new ProcessStartInfo("env", ["--default-signal=INT,HUP", "true"]) { UseShellExecute = false, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    public static string Path => System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "sketchflow"));

    /// <summary>Runs the program to its end; a hang fails the test.</summary>
    public static ProgramResult Run(string artifacts, params string[] arguments) =>
        RunWithEnvironment(artifacts, new Dictionary<string, string>(StringComparer.Ordinal), null, arguments);

    /// <summary>
    /// Runs the program with more environment variables, and sends SIGINT at each line of output that satisfies <paramref name="interruptAt"/>.
    /// </summary>
    public static ProgramResult RunWithEnvironment(
        string artifacts, Dictionary<string, string> environment, Func<string, bool>? interruptAt, params string[] arguments)
    {
        Assert.True(File.Exists(Path), $"{Path} is not built; run make build first");
        using var process = Start(artifacts, environment, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = new List<string>();
        var reader = Task.Run(() =>
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                output.Add(line);
                if (interruptAt?.Invoke(line) == true)
                {
                    Assert.Equal(0, kill(process.Id, SigInt));
                }
            }
        });
        if (!process.WaitForExit(_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"sketchflow {string.Join(' ', arguments)} did not end");
        }

        reader.Wait();
        return new ProgramResult(process.ExitCode, string.Join('\n', output), error.Result);
    }

    /// <summary>Runs the program, and sends a signal some time after a condition has become true; no signal if the program ends before.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="after">Time between the condition and the signal.</param>
    /// <param name="signal">Number of the signal.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="times">Number of signals, 20 ms apart.</param>
    /// <param name="ignoresHangup">Whether the program starts with SIGHUP ignored, as under nohup.</param>
    // Tests give the last two by name.
    public static ProgramResult RunAndSignal(
        string artifacts, Func<bool> condition, TimeSpan after, int signal, string[] arguments, int times = 1, bool ignoresHangup = false)
    {
        using var process = Start(artifacts, new Dictionary<string, string>(StringComparer.Ordinal), arguments, ignoresHangup);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && !condition() && watch.Elapsed < _limit)
        {
            Thread.Sleep(2);
        }

        Thread.Sleep(after);
        for (var sent = 0; sent < times && !process.HasExited; sent++)
        {
            _ = kill(process.Id, signal);
            Thread.Sleep(sent + 1 < times ? 20 : 0);
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"sketchflow {string.Join(' ', arguments)} did not end after signal {signal}");
        }

        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Sends a signal to a process.</summary>
    public static void Signal(Process process, int signal) => Assert.Equal(0, kill(process.Id, signal));

    /// <summary>Starts the program; the caller ends it.</summary>
    public static Process Start(string artifacts, Dictionary<string, string> environment, string[] arguments, bool ignoresHangup = false)
    {
        var start = ignoresHangup ? new ProcessStartInfo("sh", ["-c", "trap '' HUP; exec \"$0\" \"$@\"", Path, .. arguments])
            : _envResetsSignals.Value
            ? new ProcessStartInfo("env", ["--default-signal=INT,HUP", Path, .. arguments])
            : new ProcessStartInfo(Path, arguments);
        (start.UseShellExecute, start.RedirectStandardOutput, start.RedirectStandardError) = (false, true, true);
        start.Environment["SKETCHFLOW_ARTIFACTS"] = artifacts;
        // How long a test takes must not change what the program prints.
        start.Environment["SKETCHFLOW_PROGRESS"] = "none";
        start.Environment.Remove("COLUMNS");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
