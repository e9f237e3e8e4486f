using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SketchFlow.Fuzz.Workers;

/// <summary>
/// One child process that reads inputs, watched by its CPU time and resident memory. It is unusable after a crash and after too much time or memory.
/// </summary>
public sealed class Worker : IDisposable
{
    /// <summary>Largest CPU time for one input.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    /// <summary>Largest growth of the resident memory for one input, MB.</summary>
    public const double MaxMegabytes = 256;

    // On a loaded machine, a second of CPU time may take many seconds.
    private static readonly TimeSpan _maxWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);
    private const double TicksPerSecond = 100;
    private const string Shared = "/dev/shm";

    private readonly Process _process;
    private readonly BinaryWriter _input;
    private readonly BlockingCollection<Answer?> _answers = [];
    private readonly StringBuilder _errors = new();
    private readonly ManualResetEventSlim _errorsEnded = new();
    private readonly string _folder;

    /// <summary>Starts the process.</summary>
    public Worker()
    {
        // In memory where the system has such a folder: files are written through to the disk, which would take most of the time.
        _folder = Directory.Exists(Shared) ? Directory.CreateDirectory(Path.Combine(Shared, $"sketchflow-fuzz-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("sketchflow-fuzz-").FullName;
        var program = Path.Combine(AppContext.BaseDirectory, "SketchFlow.Fuzz");
        var start = new ProcessStartInfo(program, ["worker", _folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Compiling again in the background would count as the CPU time of some input.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["MALLOC_ARENA_MAX"] = "2";
        start.Environment["OMP_NUM_THREADS"] = "1";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => KeepLast(line.Data);
        _process.BeginErrorReadLine();
        _input = new BinaryWriter(_process.StandardInput.BaseStream);
        new Thread(ReadAnswers) { IsBackground = true }.Start();
    }

    /// <summary>Reads one input.</summary>
    /// <param name="reader">Name of the reader.</param>
    /// <param name="bytes">The input.</param>
    /// <param name="allowance">CPU time that is allowed; <see cref="MaxTime"/> if null.</param>
    public Answer Read(string reader, byte[] bytes, TimeSpan? allowance = null)
    {
        var limit = allowance ?? MaxTime;
        var (resting, spent) = (Resident(), CpuSeconds());
        try
        {
            _input.Write(reader);
            _input.Write(bytes.Length);
            _input.Write(bytes);
            _input.Flush();
        }
        catch (IOException)
        {
            return Crash();
        }

        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (_answers.TryTake(out var answer, _poll))
            {
                return answer is { } given ? Judge(given, limit) : Crash();
            }

            var (seconds, grown) = (CpuSeconds() - spent, Resident() - resting);
            if (seconds > limit.TotalSeconds || watch.Elapsed > _maxWait)
            {
                var text = $"no answer after {seconds:0.0} s of CPU time and {watch.Elapsed.TotalSeconds:0.0} s";
                return Stop(new Answer(Verdict.Slow, 1000 * seconds, grown, text));
            }

            if (grown > 2 * MaxMegabytes)
            {
                return Stop(new Answer(Verdict.Memory, 1000 * seconds, grown, $"grown by {grown:0} MB"));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(default);
        _process.Dispose();
        _answers.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The process may still hold a file; the folder is one of the system's temporary folders.
        }
    }

    private static Answer Judge(Answer answer, TimeSpan limit) =>
        answer.Verdict is Verdict.Raw ? answer
        : answer.Milliseconds > limit.TotalMilliseconds
            ? answer with { Verdict = Verdict.Slow, Text = $"{answer.Milliseconds:0} ms of CPU time; {answer.Text}" }
        : answer.Megabytes > MaxMegabytes ? answer with { Verdict = Verdict.Memory, Text = $"grown by {answer.Megabytes:0} MB; {answer.Text}" }
        : answer;

    private Answer Crash()
    {
        // The last lines of standard error may arrive after the process has ended.
        _process.WaitForExit(5000);
        _errorsEnded.Wait(5000);
        lock (_errors)
        {
            return new Answer(Verdict.Crash, 0, 0, $"exit code {(_process.HasExited ? _process.ExitCode : 0)}\n{_errors}");
        }
    }

    private Answer Stop(Answer answer)
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(5000);
        }

        return answer;
    }

    private void ReadAnswers()
    {
        try
        {
            using var output = new BinaryReader(_process.StandardOutput.BaseStream);
            while (true)
            {
                _answers.Add(new Answer((Verdict)output.ReadByte(), output.ReadDouble(), output.ReadDouble(), output.ReadString()));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            try
            {
                _answers.Add(null);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or InvalidOperationException)
            {
                // The driver has given the worker up.
            }
        }
    }

    private void KeepLast(string? line)
    {
        if (line is null)
        {
            _errorsEnded.Set();
            return;
        }

        lock (_errors)
        {
            if (_errors.Length > 20_000)
            {
                _errors.Remove(2000, _errors.Length - 4000);
            }

            _errors.AppendLine(line.Length > 500 ? line[..500] : line);
        }
    }

    private double CpuSeconds()
    {
        // Fields 14 and 15 of proc(5), after the name in parentheses.
        var fields = Stat("stat") is { } text ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : [];
        return fields.Length < 13 ? 0 : (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    private double Resident() => Stat("statm") is { } text ? Number(text.Split(' ')[1]) * Environment.SystemPageSize / 1048576.0 : 0;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private string? Stat(string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{_process.Id}/{file}");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
