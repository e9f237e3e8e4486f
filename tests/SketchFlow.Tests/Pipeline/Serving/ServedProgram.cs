using System.Diagnostics;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The verb <c>serve</c> in a process of its own, with a client.</summary>
internal sealed class ServedProgram : IDisposable
{
    public const int SigTerm = 15;

    private readonly Task<string> _error;

    private ServedProgram(Process process, string line)
    {
        (Process, Line, _error) = (process, line, process.StandardError.ReadToEndAsync());
        Client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[0]), Timeout = TimeSpan.FromSeconds(100) };
    }

    public Process Process { get; }

    /// <summary>The line that the program printed when it was ready.</summary>
    public string Line { get; }

    public HttpClient Client { get; }

    /// <summary>Memory of the process, bytes.</summary>
    public long Resident
    {
        get
        {
            Process.Refresh();
            return Process.WorkingSet64;
        }
    }

    public static ServedProgram Start(string artifacts, params string[] arguments)
    {
        var process = ProgramRunner.Start(artifacts, new Dictionary<string, string>(StringComparer.Ordinal), ["serve", "--port", "0", .. arguments]);
        if (process.StandardOutput.ReadLine() is { } line)
        {
            return new ServedProgram(process, line);
        }

        using (process)
        {
            throw new InvalidOperationException(process.StandardError.ReadToEnd());
        }
    }

    /// <summary>Ends the program by a signal and returns its last lines.</summary>
    public ProgramResult Stop(int signal)
    {
        ProgramRunner.Signal(Process, signal);
        Assert.True(Process.WaitForExit(TimeSpan.FromMinutes(1)), "The server did not end.");
        return new ProgramResult(Process.ExitCode, Process.StandardOutput.ReadToEnd(), _error.Result);
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill();
        }

        Process.Dispose();
    }
}
