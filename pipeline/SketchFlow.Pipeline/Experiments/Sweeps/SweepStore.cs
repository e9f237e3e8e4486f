using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;

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

    private string Journal => Path.Combine(Folder, "journal.jsonl");

    private string LockPath => Path.Combine(artifacts.Root, "sweeps", ".locks", $"{name}.lock");

    /// <summary>Returns the run of a trial.</summary>
    /// <param name="trial">The trial.</param>
    public RunFolder RunOf(Trial trial) => RunOf(trial.Number);

    /// <summary>Reads the trials of a sweep that was started before; empty if there is none.</summary>
    public IReadOnlyList<Trial> ReadTrials() => SweepJournal.ReadTrials(Path.Combine(Folder, "journal.jsonl"));

    /// <summary>Opens the journal, or starts one.</summary>
    /// <param name="identity">Identity of the sweep; see <see cref="SweepPlan.Identity"/>.</param>
    public SweepJournal OpenJournal(string identity) => SweepJournal.Open(Journal, identity);

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

    /// <summary>Acquires the lock of the sweep.</summary>
    /// <exception cref="RefusalException">Another process runs the sweep.</exception>
    public FileLock Lock() => FileLock.TryAcquire(LockPath)
        ?? throw new RefusalException($"Another process runs the sweep {name}; wait for it, or give another --name.");

    /// <summary>Plans the replacement of the sweep and of the runs of its trials; null if there is no sweep.</summary>
    /// <param name="trials">Number of trials of the new sweep.</param>
    /// <exception cref="RefusalException">Another process trains one of the runs.</exception>
    public Replacement? Replace(int trials)
    {
        if (!Directory.Exists(Folder))
        {
            return null;
        }

        // The journal tells which runs are trials: another run may be called NAME-2024.
        var old = SweepJournal.ReadNumbers(Journal);
        RunFolder[] own = [.. old.Union(Enumerable.Range(1, trials)).Order().Select(n => (Number: n, Run: RunOf(n)))
            .Where(t => old.Contains(t.Number) || !Directory.Exists(t.Run.Folder)).Select(t => t.Run)];
        foreach (var run in own.Where(r => Directory.Exists(r.Folder)))
        {
            RunLock.Acquire(run).Dispose();
        }

        return Replacement.OfSweep(artifacts, name, Folder, own, LockPath);
    }

    private RunFolder RunOf(int number) => artifacts.Run($"{name}-{number:000}");
}
