namespace SketchFlow.Tests;

/// <summary>Compares texts with the approved files under <c>tests/SketchFlow.Tests/Approved</c>; SKETCHFLOW_APPROVE=1 writes them.</summary>
internal static class ApprovedText
{
    /// <summary>Folder of the approved files.</summary>
    public static string Folder => Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "Approved");

    /// <summary>Asserts that <paramref name="text"/> is the content of the approved file.</summary>
    /// <param name="file">Path below <see cref="Folder"/>.</param>
    /// <param name="text">Text to compare; line ends are normalised, and the file ends with one line end.</param>
    public static void Matches(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        var actual = string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("SKETCHFLOW_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} does not exist. Run the test with SKETCHFLOW_APPROVE=1, and review the file that it writes.");
        var approved = File.ReadAllText(path);
        if (!string.Equals(approved, actual, StringComparison.Ordinal))
        {
            var (before, after) = (approved.Split('\n'), actual.Split('\n'));
            var line = Enumerable.Range(0, Math.Max(before.Length, after.Length)).First(i => before.ElementAtOrDefault(i) != after.ElementAtOrDefault(i));
            Assert.Fail($"{file} differs from line {line + 1}: approved '{before.ElementAtOrDefault(line)}', now '{after.ElementAtOrDefault(line)}'. "
                + "If the change is meant, run the test with SKETCHFLOW_APPROVE=1 and commit the file.");
        }
    }
}
