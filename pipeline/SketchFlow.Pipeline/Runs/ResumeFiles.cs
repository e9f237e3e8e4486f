using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The resume files of a run, in its folder <c>resume/</c>: each holds a <see cref="RunState"/> and every buffer that training changes. The names sort by
/// progress. A file is complete or absent; the latest intact file is used, and damaged files are reported and skipped.
/// </summary>
public static class ResumeFiles
{
    /// <summary>Lists the resume files of a folder, latest first.</summary>
    public static ImmutableArray<string> List(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "epoch-*-image-*.safetensors").OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>Writes a resume file and deletes all but the latest <paramref name="keep"/>.</summary>
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

    /// <summary>Finds the latest intact resume file; null when there is none.</summary>
    /// <param name="folder">The folder of resume files.</param>
    /// <param name="log">Receives a line for each damaged file.</param>
    public static ResumePoint? FindLatest(string folder, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach (var path in List(folder))
        {
            try
            {
                return new ResumePoint(path, RunState.Parse(Learner.Check(path)));
            }
            catch (Exception e) when (e is RefusalException or JsonException)
            {
                log($"{(e is JsonException ? $"{path} cannot be read as a resume file: {e.Message}" : e.Message).TrimEnd('.')}; the file is skipped.");
            }
        }

        return null;
    }
}
