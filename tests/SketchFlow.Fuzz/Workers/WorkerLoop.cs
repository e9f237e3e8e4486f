using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Fuzz.Readers;

namespace SketchFlow.Fuzz.Workers;

/// <summary>The child process: takes inputs over standard input, reads each, and answers over standard output.</summary>
internal sealed class WorkerLoop : IDisposable
{
    // A resting process that has grown by this much is cleaned before its growth counts, MB.
    private const double Garbage = 128;

    private readonly string _folder;
    private readonly Dictionary<string, (Reader Reader, double Resting)> _readers = new(StringComparer.Ordinal);
    private readonly FileStream? _clear;

    /// <summary>Prepares the loop.</summary>
    /// <param name="folder">The folder for files.</param>
    public WorkerLoop(string folder)
    {
        _folder = folder;
        try
        {
            _clear = new FileStream("/proc/self/clear_refs", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The largest resident size then belongs to the whole life of the process; the driver measures as well.
        }
    }

    /// <summary>Answers until the pipe is closed.</summary>
    public int Run()
    {
        using var input = new BinaryReader(Console.OpenStandardInput());
        using var output = new BinaryWriter(StandardOutput.Take());
        Console.SetOut(TextWriter.Null);
        while (true)
        {
            string name;
            try
            {
                name = input.ReadString();
            }
            catch (EndOfStreamException)
            {
                return 0;
            }

            var bytes = input.ReadBytes(input.ReadInt32());
            var answer = Measure(name, bytes);
            output.Write((byte)answer.Verdict);
            output.Write(answer.Milliseconds);
            output.Write(answer.Megabytes);
            output.Write(answer.Text.Length > 6000 ? answer.Text[..6000] : answer.Text);
            output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _clear?.Dispose();

    private Answer Measure(string name, byte[] bytes)
    {
        if (!_readers.TryGetValue(name, out var known))
        {
            _readers[name] = known = (Reader.Find(name), 0);
        }

        var before = Resident("VmRSS:");
        if (known.Resting > 0 && before > known.Resting + Garbage)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            before = Resident("VmRSS:");
        }

        var start = Environment.CpuUsage.TotalTime;
        _clear?.Write("5"u8);
        var (verdict, text) = Read(known.Reader, bytes);
        var time = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds;
        var growth = Resident("VmHWM:") - (known.Resting > 0 ? Math.Min(before, known.Resting + Garbage) : before);
        if (known.Resting == 0)
        {
            _readers[name] = known with { Resting = Resident("VmRSS:") };
        }

        Empty();
        return new Answer(verdict, time, _clear is null ? 0 : growth, text);
    }

    private (Verdict Verdict, string Text) Read(Reader reader, byte[] bytes)
    {
        try
        {
            return reader.Read(bytes, _folder) is { } refusal ? Judge(refusal) : (Verdict.Accepted, "");
        }
        catch (Exception e) when (e is RefusalException or UsageException)
        {
            return Judge(e.Message);
        }
#pragma warning disable CA1031 // Any other exception is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (Verdict.Raw, e.ToString());
        }
    }

    private static (Verdict Verdict, string Text) Judge(string text) =>
        RefusalText.FindFault(text) is { } fault ? (Verdict.Raw, $"{fault}: {text}") : (Verdict.Refused, text);

    // A thread that a reader has given up may still write.
    private void Empty()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                foreach (var entry in new DirectoryInfo(_folder).EnumerateFileSystemInfos())
                {
                    if (entry is DirectoryInfo folder && folder.LinkTarget is null)
                    {
                        folder.Delete(recursive: true);
                    }
                    else
                    {
                        entry.Delete();
                    }
                }

                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && attempt < 50)
            {
                Thread.Sleep(20);
            }
        }
    }

    private static double Resident(string key)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                return double.Parse(line.AsSpan(key.Length, line.Length - key.Length - 2), CultureInfo.InvariantCulture) / 1024;
            }
        }

        return 0;
    }
}
