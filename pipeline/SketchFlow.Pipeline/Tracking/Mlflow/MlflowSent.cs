using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>What a store has of a run already; kept in the run's folder, so that a resumed run goes on under the same id and sends no row twice.</summary>
/// <param name="Where">The store.</param>
/// <param name="Experiment">The experiment's id.</param>
/// <param name="Run">The run's id there.</param>
/// <param name="Described">Parameters and tags are there.</param>
/// <param name="Epochs">The last epoch that is there; 0 is none.</param>
/// <param name="Status">The status that it has there.</param>
public sealed record MlflowSent(string Where, string Experiment, string Run, bool Described, int Epochs, MlflowStatus Status)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The file for a store: <c>tracked-HASH.json</c>.</summary>
    public static string PathOf(RunFolder folder, string where) =>
        Path.Combine(folder.Folder, $"tracked-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(where)))[..8]}.json");

    /// <summary>Reads it; null where nothing was sent, or where the file is damaged (the run is then sent anew).</summary>
    public static MlflowSent? Read(RunFolder folder, string where)
    {
        var path = PathOf(folder, where);
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<MlflowSent>(File.ReadAllText(path), _json) is { Run.Length: > 0 } sent && sent.Where == where ? sent : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it into the run's folder.</summary>
    public MlflowSent Save(RunFolder folder)
    {
        WholeFile.WriteText(PathOf(folder, Where), JsonSerializer.Serialize(this, _json) + "\n");
        return this;
    }
}
