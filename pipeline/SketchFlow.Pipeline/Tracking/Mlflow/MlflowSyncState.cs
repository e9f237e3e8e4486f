using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>The part of a run that a store has received. It is saved in the run's folder, so that a resumed run continues under the same identifier.</summary>
/// <param name="Location">Address of the store.</param>
/// <param name="Experiment">Identifier of the experiment.</param>
/// <param name="Run">Identifier of the run in the store.</param>
/// <param name="Described">Whether the store has the parameters and tags.</param>
/// <param name="Epochs">Last epoch that the store has; 0 if it has none.</param>
/// <param name="Status">Status of the run in the store.</param>
public sealed record MlflowSyncState(
    [property: JsonPropertyName("where")] string Location, string Experiment, string Run, bool Described, int Epochs, MlflowStatus Status)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Returns the path of the file for a store: <c>tracked-HASH.json</c>.</summary>
    public static string PathOf(RunFolder folder, string location) =>
        Path.Combine(folder.Folder, $"tracked-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(location)))[..8]}.json");

    /// <summary>Reads the state; returns null if nothing was sent, or if the file is damaged (everything is then sent again as a new run).</summary>
    public static MlflowSyncState? Read(RunFolder folder, string location)
    {
        var path = PathOf(folder, location);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var state = JsonSerializer.Deserialize<MlflowSyncState>(File.ReadAllText(path), _json);
            var isWhole = state is { Run.Length: > 0, Experiment.Length: > 0, Epochs: >= 0 } && Enum.IsDefined(state.Status);
            return isWhole && state!.Location == location ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the state into the run's folder and returns it.</summary>
    public MlflowSyncState Save(RunFolder folder)
    {
        WholeFile.WriteText(PathOf(folder, Location), JsonSerializer.Serialize(this, _json) + "\n");
        return this;
    }
}
