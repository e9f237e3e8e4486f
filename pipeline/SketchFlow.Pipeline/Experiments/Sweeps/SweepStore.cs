using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Files of a sweep: its folder <c>artifacts/sweeps/NAME</c> and the runs of its trials.</summary>
/// <param name="artifacts">The output folder.</param>
/// <param name="name">Name of the sweep.</param>
public sealed class SweepStore(Artifacts artifacts, string name)
{
    /// <summary>Folder of the journal, the tables and a copy of the sweep file.</summary>
    public string Folder { get; } = Path.Combine(artifacts.Root, "sweeps", name);

    /// <summary>The copy of the sweep file.</summary>
    public string File => Path.Combine(Folder, "sweep.yaml");

    /// <summary>The table of all trials as CSV.</summary>
    public string Csv => Path.Combine(Folder, "table.csv");

    /// <summary>Returns the run of a trial.</summary>
    /// <param name="trial">The trial.</param>
    public RunFolder RunOf(Trial trial) => artifacts.Run($"{name}-{trial.Number:000}");

    /// <summary>Reads the trials of a sweep that was started before; empty if there is none.</summary>
    public IReadOnlyList<Trial> ReadTrials() => SweepJournal.ReadTrials(Path.Combine(Folder, "journal.jsonl"));

    /// <summary>Opens the journal, or starts one.</summary>
    /// <param name="identity">Identity of the sweep; see <see cref="SweepPlan.Identity"/>.</param>
    public SweepJournal OpenJournal(string identity) => SweepJournal.Open(Path.Combine(Folder, "journal.jsonl"), identity);

    /// <summary>Keeps a copy of the sweep file.</summary>
    /// <param name="file">The sweep file.</param>
    public void CopyFile(string file) => WholeFile.Write(File, to =>
    {
        using var from = System.IO.File.OpenRead(file);
        from.CopyTo(to);
    });

    /// <summary>Writes the tables of all trials.</summary>
    /// <param name="table">The table.</param>
    public void Write(SweepTable table)
    {
        WholeFile.WriteText(Csv, table.Csv());
        WholeFile.WriteText(Path.Combine(Folder, "table.md"), table.Markdown());
    }

    /// <summary>Deletes the sweep and the runs of its trials.</summary>
    public void Delete()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        if (Directory.Exists(artifacts.Runs))
        {
            foreach (var run in Directory.EnumerateDirectories(artifacts.Runs, $"{name}-*").Where(IsTrial))
            {
                Directory.Delete(run, recursive: true);
            }
        }

        bool IsTrial(string run) => Path.GetFileName(run)[(name.Length + 1)..] is { Length: >= 3 } number && number.All(char.IsAsciiDigit);
    }
}
