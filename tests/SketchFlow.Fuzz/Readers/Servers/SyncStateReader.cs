using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>The file <c>tracked-HASH.json</c> of a run: what an MLflow store has received.</summary>
public sealed class SyncStateReader() : Reader("tracked-json", new JsonParts())
{
    private const string Home = "mlruns";

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        // The place of the store is filled in when it is read, because it depends on the folder.
        yield return """{"where": "HERE", "experiment": "5", "run": "abc", "described": true, "epochs": 0, "status": 1}"""u8.ToArray();
        yield return """{"where": "HERE", "experiment": "5", "run": "abc", "described": false, "epochs": 3, "status": 3}"""u8.ToArray();
    }

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        using var store = new MlflowFiles(Path.Combine(folder, Home));
        var run = new RunFolder(Path.Combine(folder, "runs", "a"));
        Directory.CreateDirectory(run.Folder);
        var text = Encoding.Latin1.GetString(input).Replace("HERE", store.Location, StringComparison.Ordinal);
        var known = Path.Combine(folder, Home, "5", "abc");
        foreach (var part in (string[])["params", "metrics", "tags"])
        {
            Directory.CreateDirectory(Path.Combine(known, part));
        }

        File.WriteAllText(Path.Combine(known, "meta.yaml"), "run_id: abc\nstatus: 1\n");
        File.WriteAllBytes(MlflowSyncState.PathOf(run, store.Location), Encoding.Latin1.GetBytes(text));
        if (MlflowSyncState.Read(run, store.Location) is null)
        {
            return "It is damaged; the run is sent again.";
        }

        var said = TrackerRun.Track(folder, store);
        return Directory.GetFileSystemEntries(folder) is { Length: <= 2 }
            ? said
            : throw new InvalidOperationException("A file outside the folders was written.");
    }
}
