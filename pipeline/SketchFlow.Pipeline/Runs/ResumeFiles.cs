using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;

namespace SketchFlow.Pipeline.Runs;

/// <summary>
/// The resume files of a run, in its folder <c>resume/</c>: each holds a <see cref="RunState"/> and every buffer that training changes. The names sort by
/// progress. A file is complete or absent; the latest intact file is used, and damaged files are reported and skipped. Until the first one is written, the
/// folder holds a file <c>none-yet</c>, which tells a run that was killed early from one whose resume files are lost.
/// </summary>
public static class ResumeFiles
{
    private const string NoneYet = "none-yet";

    /// <summary>Lists the resume files of a folder, latest first.</summary>
    public static ImmutableArray<string> List(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "epoch-*-image-*.safetensors").OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>Prepares the folder for a training that starts or resumes: deletes the damaged files after the one that it resumes from.</summary>
    /// <param name="folder">The folder of resume files.</param>
    /// <param name="from">The file to resume from; null starts from the beginning.</param>
    public static void Begin(string folder, ResumePoint? from)
    {
        // The names of damaged files would sort after those of new ones, which would then be deleted as the oldest.
        foreach (var damaged in List(folder).TakeWhile(f => f != from?.Path))
        {
            File.Delete(damaged);
        }

        if (from is null)
        {
            WholeFile.WriteText(Path.Combine(folder, NoneYet), "");
        }
    }

    /// <summary>Whether a training has started in the folder and was interrupted before it wrote a resume file.</summary>
    public static bool IsNoneYet(string folder) => File.Exists(Path.Combine(folder, NoneYet));

    /// <summary>Writes a resume file and deletes all but the latest <paramref name="keep"/>.</summary>
    public static void Write(string folder, Learner learner, RunState state, int keep)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(state);
        var name = string.Create(CultureInfo.InvariantCulture, $"epoch-{state.Epoch:00000}-image-{state.Position:000000000}.safetensors");
        learner.Save(Path.Combine(folder, name), state.ToJson());
        File.Delete(Path.Combine(folder, NoneYet));
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
                var fault = PrintableText.Reason(e, PrintableText.MaxMessage);
                log($"{(e is JsonException ? $"{path} cannot be read as a resume file: its state is damaged ({fault})" : fault)}; the file is skipped.");
            }
        }

        return null;
    }
}
