using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The files from which a run goes on, in its folder <c>resume/</c>: <see cref="RunState"/> and every buffer that training changes. Their names
/// sort by progress; each is whole or absent; the furthest sound one counts, and a damaged one is named and passed over.
/// </summary>
public static class ResumeFiles
{
    /// <summary>A file that a run can go on from.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="State">What it says.</param>
    public sealed record Found(string Path, RunState State);

    /// <summary>The resume files of a folder, the furthest first.</summary>
    public static ImmutableArray<string> List(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "epoch-*-image-*.safetensors").OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>Writes a learner and the rest of the run, and removes all but the furthest <paramref name="keep"/>.</summary>
    public static void Write(string folder, Learner learner, RunState state, int keep)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(state);
        var name = string.Create(CultureInfo.InvariantCulture, $"epoch-{state.Epoch:00000}-image-{state.Position:000000000}.safetensors");
        learner.Save(Path.Combine(folder, name), state.ToJson());
        foreach (var old in List(folder).Skip(keep))
        {
            File.Delete(old);
        }
    }

    /// <summary>The furthest sound file of a folder; null where there is none.</summary>
    /// <param name="folder">The run's folder of resume files.</param>
    /// <param name="log">Takes a line for each damaged file.</param>
    public static Found? Furthest(string folder, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach (var path in List(folder))
        {
            try
            {
                return new Found(path, RunState.Parse(Learner.Check(path)));
            }
            catch (Exception e) when (e is RefusalException or JsonException)
            {
                log($"{(e is JsonException ? $"{path} cannot be read as a resume file: {e.Message}" : e.Message).TrimEnd('.')}; it is passed over.");
            }
        }

        return null;
    }
}
