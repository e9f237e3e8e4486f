using System.Text.RegularExpressions;
using SketchFlow.Fuzz.Workers;

namespace SketchFlow.Fuzz.Runs;

/// <summary>An input to which a reader gave neither a value nor a refusal.</summary>
/// <param name="Reader">Name of the reader.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Number">Number of the mutant; negative for a seed input.</param>
/// <param name="Input">The input.</param>
/// <param name="Answer">Result of the input.</param>
public sealed partial record Finding(string Reader, long Seed, long Number, byte[] Input, Answer Answer)
{
    /// <summary>A text that is equal for findings with the same cause.</summary>
    public string Cause => Answer.Verdict is Verdict.Raw or Verdict.Crash
        ? $"{Answer.Verdict}: {string.Join(" / ", Folder().Replace(Answer.Text, "…/").Split('\n').Where(IsTelling).Take(2).Select(Shorten))}"
        : $"{Answer.Verdict}";

    /// <summary>Writes the input and what happened into a folder.</summary>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, Reader, $"{Answer.Verdict}-{Seed}-{Number}".ToLowerInvariant());
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".bin", Input);
        File.WriteAllText(
            path + ".txt",
            $"reader {Reader}, seed {Seed}, number {Number}, {Input.Length} bytes: {Answer.Verdict}, {Answer.Milliseconds:0} ms, {Answer.Megabytes:0} MB\n"
            + $"Repeat it with: artifacts/build/tests/SketchFlow.Fuzz read {Reader} {path}.bin\n\n{Answer.Text}\n");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Reader} {Seed}:{Number} ({Input.Length} bytes) {Answer.Verdict}: {Answer.Text}";

    private static string Shorten(string line) => line.Trim() is { Length: > 110 } text ? text[..110] : line.Trim();

    // Names of temporary folders differ from process to process.
    [GeneratedRegex("/[a-z/]*sketchflow-fuzz-[A-Za-z0-9]+/", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Folder();

    // The first line of an exception, and the first line of its stack in this program.
    private static bool IsTelling(string line) =>
        (line.Length > 0 && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal)) || line.Contains("at SketchFlow.", StringComparison.Ordinal);
}
