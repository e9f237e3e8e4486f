using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Experiments.Sweeps;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>Journals of sweeps.</summary>
public sealed class JournalReader() : FileReader("journal", new JsonParts(), "journal.jsonl")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Written(folder, "j.jsonl", path =>
    {
        var journal = SweepJournal.Open(path, "x");
        journal.End(journal.Begin(1, [0.25, 0.5]));
        journal.Begin(2, [0.75, 0.125]);
    })];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        SweepJournal.ReadNumbers(path);
        SweepJournal.ReadTrials(path);
        SweepJournal.Open(path, "x");
        return null;
    }
}
