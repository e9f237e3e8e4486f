using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CsvHelper;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>The verb classify as people and programs use it, with random weights.</summary>
public sealed class ClassifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ClassifyVerbTests()
    {
        UntrainedRun.Write(Artifacts, "one", "cat", "dog, or so", "emu");
        DoodleGenerator.Write(new DoodlesOptions { Classes = 2, TrainPerClass = 3, TestPerClass = 0, Seed = 5 }, _folder["data"]);
        Directory.Move(_folder["data/train"], Images);
        File.Copy(Directory.GetFiles(Images, "*", SearchOption.AllDirectories)[0], OneImage);
        _folder.With("images/notes.txt", "no image").With("images/broken.png", "no image");
    }

    private string Artifacts => _folder["artifacts"];

    private string Images => _folder["images"];

    private string OneImage => _folder["images/named-nothing"];

    [Fact]
    public void One_image_is_answered_with_a_table_on_standard_output_alone()
    {
        var result = Run("--run", "one", OneImage, "--top", "2");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(2, result.Output.Split('\n').Count(l => l.Contains('%', StringComparison.Ordinal)));
        Assert.Contains("probability", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error.Trim());
    }

    [Fact]
    public void A_folder_is_answered_with_a_line_per_image_and_rejections_are_listed()
    {
        var result = Run("--run", "one", Images);
        Assert.Equal(3, result.ExitCode);
        var lines = result.Output.Trim().Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.All(lines, l => Assert.Matches(@"^/\S+ +\S.* [0-9.]+ %  .* [0-9.]+ %  .* [0-9.]+ %$", l));
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.Contains($"rejected {Images}/broken.png: a text file, not an image", result.Error, StringComparison.Ordinal);
        Assert.Contains("not used: 1 file that is no image (notes.txt)", result.Error, StringComparison.Ordinal);
        Assert.Contains("7 images classified, 1 rejected.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void CSV_and_JSON_lines_have_the_same_answers()
    {
        var csv = Run("--run", "one", Images, "--csv");
        var json = Run("--run", "one", Images, "--jsonl");
        Assert.Equal((3, 3), (csv.ExitCode, json.ExitCode));
        using var reader = new CsvReader(new StringReader(csv.Output), CultureInfo.InvariantCulture);
        var rows = reader.GetRecords<Row>().ToList();
        var answers = json.Output.Trim().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        List<Row> expected =
        [
            .. answers.SelectMany(a => a.TryGetProperty("error", out var error)
                ? [new Row(Text(a, "file"), null, "", null, null, error.GetString()!)]
                : a.GetProperty("top").EnumerateArray().Select((c, i) => new Row(
                    Text(a, "file"), i + 1, Text(c, "class"), c.GetProperty("index").GetInt32(), c.GetProperty("probability").GetDouble(), ""))),
        ];
        Assert.Equal(8, answers.Count);
        Assert.Equal((7 * 3) + 1, rows.Count);
        Assert.Equal(expected, rows);
        Assert.All(rows.Where(r => r.rank is not null).GroupBy(r => r.file), g => Assert.Equal(1, g.Sum(r => r.probability!.Value), 9));

        static string Text(JsonElement from, string key) => from.GetProperty(key).GetString()!;
    }

    [Fact]
    public void Standard_input_gives_paths_or_one_image()
    {
        var paths = Shell($"printf '{OneImage}\\n\\nnowhere.png\\n{Images}\\n' | \"$0\" classify --run one --jsonl -");
        Assert.Equal(3, paths.ExitCode);
        Assert.Equal(10, paths.Output.Trim().Split('\n').Length);
        Assert.Contains("{\"file\":\"nowhere.png\",\"error\":\"no such file\"}", paths.Output, StringComparison.Ordinal);
        var image = Shell($"\"$0\" classify --run one --jsonl --stdin-image < '{OneImage}'");
        Assert.True(image.ExitCode == 0, image.ToString());
        Assert.StartsWith("{\"file\":\"standard input\",\"top\":[{\"class\":", image.Output, StringComparison.Ordinal);
        Assert.Contains("use --stdin-image instead of -", Shell($"\"$0\" classify --run one - < '{OneImage}'").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_that_ends_early_ends_the_program_quietly()
    {
        var list = _folder["list"];
        File.WriteAllLines(list, Enumerable.Repeat(OneImage, 20_000));
        var watch = Stopwatch.StartNew();
        var result = Shell($"\"$0\" classify --run one --csv - < '{list}' | head -2");
        Assert.Equal("", result.Error.Trim());
        Assert.Equal(2, result.Output.Trim().Split('\n').Length);
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(4), "all images were classified for nobody");
    }

    [Fact]
    public void Output_to_a_file_is_appended_after_what_is_there()
    {
        var file = _folder["out.txt"];
        var result = Shell($"(echo first; \"$0\" classify --run one --jsonl '{OneImage}' 2>&1; echo last) >> '{file}'");
        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = File.ReadAllLines(file);
        Assert.Equal(("first", 3, "last"), (lines[0], lines.Length, lines[^1]));
        Assert.StartsWith("{\"file\":", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_prints_how_far_it_came()
    {
        var isSent = false;
        var result = ProgramRunner.RunWithEnvironment(
            Artifacts,
            new Dictionary<string, string>(StringComparer.Ordinal),
            _ => !isSent && (isSent = true),
            ["classify", "--run", "one", "--csv", .. Enumerable.Repeat(OneImage, 5000)]);
        Assert.True(result.ExitCode == 130, result.ToString());
        Assert.Matches("Interrupted: [0-9]+ images? classified", result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "No images given", "--run", "one")]
    [InlineData(2, "one is a trained model, not an image; write --run one.", "one", "IMAGE")]
    [InlineData(2, "--top is 0, expected 1 or more classes", "--run", "one", "IMAGE", "--top", "0")]
    [InlineData(2, "--csv and --jsonl are two formats", "--run", "one", "IMAGE", "--csv", "--jsonl")]
    [InlineData(2, "name no other images", "--run", "one", "IMAGE", "--stdin-image")]
    [InlineData(2, "--amp is bf17 (did you mean 'bf16'?), expected auto, off, bf16 or fp16", "--run", "one", "IMAGE", "--amp", "bf17")]
    [InlineData(2, "--model names the architecture of a file of weights", "--run", "one", "IMAGE", "--model", "resnet18")]
    [InlineData(2, "expected auto or a whole number above 0", "--run", "one", "IMAGE", "--batch-size", "0")]
    [InlineData(1, "No run, ensemble, pretrained model or file named onw", "--run", "onw", "IMAGE")]
    [InlineData(1, "not weights", "--run", "IMAGE", "IMAGE")]
    [InlineData(1, "There are no images in ", "--run", "one", "EMPTY")]
    [InlineData(1, "has no classifier, so that it cannot name classes", "--run", "timm/vit_base_patch16_224.dino", "IMAGE")]
    [InlineData(3, "no such file", "--run", "one", "nowhere.png")]
    public void What_cannot_be_done_is_refused_in_one_sentence(int code, string words, params string[] arguments)
    {
        Directory.CreateDirectory(_folder["empty"]);
        var result = Run([.. arguments.Select(a => a switch { "IMAGE" => OneImage, "EMPTY" => _folder["empty"], _ => a })]);
        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public void The_newest_run_is_the_default_and_is_named()
    {
        var result = Run(OneImage);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("The newest run is one.", result.Error.Trim());
    }

    public void Dispose() => _folder.Dispose();

    private ProgramResult Run(params string[] arguments) => ProgramRunner.Run(Artifacts, ["classify", .. arguments]);

    private ProgramResult Shell(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command, ProgramRunner.Path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SKETCHFLOW_ARTIFACTS"] = Artifacts;
        start.Environment["SKETCHFLOW_PROGRESS"] = "none";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(8)), $"{command} did not end");
        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    // The names of the columns.
#pragma warning disable SA1300, IDE1006
    private sealed record Row(string file, int? rank, string @class, int? index, double? probability, string error);
#pragma warning restore SA1300, IDE1006
}
