using System.Globalization;
using SketchFlow.Fuzz.Readers;
using SketchFlow.Fuzz.Runs;
using SketchFlow.Fuzz.Workers;

namespace SketchFlow.Fuzz;

/// <summary>Finds inputs to which a reader gives neither a value nor a refusal.</summary>
/// <remarks>
/// <code>
/// run --minutes M [--count N] [--reader R] [--seed S] [--out DIR] [--cases DIR]   mutants of all readers, in processes of their own
/// read READER FILE                                                    one input, in this process
/// list                                                                names of the readers
/// worker DIR                                                          the child process; DIR is for its files
/// </code>
/// </remarks>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["worker", var folder]:
                using (var loop = new WorkerLoop(folder))
                {
                    return loop.Run();
                }

            case ["read", var reader, var file]:
                using (var worker = new Worker())
                {
                    var answer = worker.Read(reader, File.ReadAllBytes(file), TimeSpan.FromSeconds(15));
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{answer.Verdict}, {answer.Milliseconds:0} ms, {answer.Megabytes:0} MB: {answer.Text}"));
                    return answer.Verdict is Verdict.Accepted or Verdict.Refused ? 0 : 1;
                }

            case ["list"]:
                Console.WriteLine(string.Join('\n', Reader.All));
                return 0;
            case ["run", .. var options]:
                return Run(options);
            default:
                Console.Error.WriteLine("Expected run, read, list or worker; see tests/SketchFlow.Fuzz/Program.cs.");
                return 2;
        }
    }

    private static int Run(string[] options)
    {
        string? Option(string name) =>
            Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length && options[at + 1].Length > 0 ? options[at + 1] : null;
        var minutes = double.Parse(Option("--minutes") ?? "1", CultureInfo.InvariantCulture);
        var readers = Option("--reader") is { } names ? names.Split(',').Select(Reader.Find).ToArray() : [.. Reader.All];
        var settings = new FuzzOptions
        {
            Seed = long.Parse(Option("--seed") ?? $"{DateTime.UtcNow:yyMMddHHmm}", CultureInfo.InvariantCulture),
            Count = Option("--count") is { } count ? long.Parse(count, CultureInfo.InvariantCulture) : null,
            Time = TimeSpan.FromMinutes(minutes / readers.Length),
            Workers = int.Parse(Option("--workers") ?? $"{Environment.ProcessorCount}", CultureInfo.InvariantCulture),
            Findings = Option("--out") ?? Path.Combine("artifacts", "fuzz"),
            Cases = Option("--cases") ?? Path.Combine("..", "shared", "cases"),
        };
        var figures = new List<ReaderFigures>();
        var table = "";
        Directory.CreateDirectory(settings.Findings);
        foreach (var reader in readers)
        {
            var found = new FuzzRun(reader, settings).Run();
            figures.Add(found);
            Console.WriteLine($"{reader.Name}: {found.Inputs} inputs, {found.Failures} failures");
            foreach (var (cause, times) in found.Causes.OrderByDescending(c => c.Value))
            {
                Console.WriteLine($"  {times} × {cause}");
            }

            // After each reader, so that an interrupted run has the figures of those that have ended.
            table = FiguresTable.Format(figures);
            File.WriteAllText(Path.Combine(settings.Findings, "figures.md"), table);
        }

        Console.WriteLine($"\nseed {settings.Seed}\n{table}");
        return figures.Exists(f => f.Failures > 0) ? 1 : 0;
    }
}
