using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Inspection;

/// <summary>Operations compared with torchvision's and albumentations' outputs.</summary>
public sealed class OperationParityTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_case_is_within_its_tolerance_of_the_reference()
    {
        var file = Path.Combine(Reference.Folder, "reference", "augment", "cases.json");
        var rows = OperationParity.Run(file);
        Assert.Equal(42, rows.Length);
        foreach (var row in rows)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Case,-36} mean {row.Mean:0.0000} of {row.Allowed:0.0} allowed, worst {row.Worst,3}, {row.Identical:0.00%} equal, {row.Operation}"));
        }

        // The message of a failure contains the case.
        Assert.All(rows, row => Assert.True(row.Passes, row.ToString()));
        string[] geometric = ["Shear", "Translate", "Rotate"];
        Assert.All(rows, row =>
        {
            var isGeometric = geometric.Any(name => row.Operation.StartsWith(name, StringComparison.Ordinal));
            Assert.Equal(row.Source.Contains("albumentations", StringComparison.Ordinal) ? 0.5 : isGeometric ? 3 : 1, row.Allowed);
        });
    }

    [Fact]
    public void The_program_applies_a_case_and_verifies_all()
    {
        var file = Path.Combine(Reference.Folder, "reference", "augment", "cases.json");
        using var folder = new TemporaryFolder();
        using var cases = JsonDocument.Parse(File.ReadAllText(file));
        var from = Path.GetDirectoryName(file)!;
        foreach (var one in cases.RootElement.EnumerateArray().Where((_, i) => i % 5 == 0))
        {
            var (name, made) = (one.GetProperty("output").GetString()!, Path.Combine(folder.Root, "out.png"));
            var input = Path.Combine(from, one.GetProperty("input").GetString()!);
            Assert.Equal(ExitCode.Done, Program.Main(
                ["transforms", "apply", one.GetProperty("op").GetString()!, "--params", one.GetProperty("params").GetRawText(), input, made]));
            using var found = Read(made);
            using var expected = Read(Path.Combine(from, name));
            Assert.Equal((expected.Width, expected.Height), (found.Width, found.Height));
        }

        Assert.Equal(ExitCode.Done, Program.Main(["transforms", "verify", file]));
        var changed = File.ReadAllText(file).Replace("\"magnitude\": 17.0", "\"magnitude\": 71.0", StringComparison.Ordinal);
        var wrong = new TemporaryFolder().With("cases.json", changed);
        foreach (var image in Directory.EnumerateFiles(from, "*.png"))
        {
            File.Copy(image, Path.Combine(wrong.Root, Path.GetFileName(image)));
        }

        Assert.Equal(ExitCode.Failed, Program.Main(["transforms", "verify", Path.Combine(wrong.Root, "cases.json")]));
        wrong.Dispose();
        Assert.Equal(ExitCode.Failed, Program.Main(["transforms", "verify", Path.Combine(folder.Root, "none.json")]));
    }

    private static Pixels Read(string file) => ImageDecoder.Read(new DecodeOptions(), new Sample(0, file, file, null)).Value;
}
