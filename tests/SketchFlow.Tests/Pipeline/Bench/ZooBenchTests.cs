using System.Text.Json;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Bench;

public class ZooBenchTests
{
    private static readonly string[] Quick = ["--size", "32", "--batch", "2", "--seconds", "0", "--classes", "3", "--json"];

    [Fact]
    public void The_table_has_a_row_for_each_name_on_the_terminal_in_markdown_in_csv_and_in_json()
    {
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, ["bench", "zoo", "resnet10t", "vit_tiny_patch16_224", .. Quick]);
        Assert.Equal(0, answer.ExitCode);
        Assert.Matches(@"(?m)^architecture +px +parameters, M +GMACs +batch +infer float32 +infer bf16 +train float32 +train bf16$", answer.Output);
        Assert.Matches(@"(?m)^resnet10t +32 +4\.9\d +0\.0\d +2 +[\d.]+ +(-|[\d.]+) +[\d.]+ +(-|[\d.]+)$", answer.Output);

        using var json = JsonDocument.Parse(answer.LastLine);
        var root = json.RootElement;
        Assert.Equal(3, root.GetProperty("classes").GetInt32());
        var rows = root.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(["resnet10t", "vit_tiny_patch16_224"], rows.Select(r => r.GetProperty("model").GetString()!));
        foreach (var row in rows)
        {
            Assert.Equal((32, 2), (row.GetProperty("input_size").GetInt32(), row.GetProperty("batch").GetInt32()));
            Assert.True(row.GetProperty("infer").GetDouble() > 0 && row.GetProperty("train").GetDouble() > 0);
            Assert.Equal("", row.GetProperty("left_out").GetString());

            // Bfloat16 is measured only on machines that are faster with it.
            var mixes = root.GetProperty("bf16").GetBoolean();
            Assert.Equal(mixes, row.GetProperty("infer_bf16").ValueKind == JsonValueKind.Number);
            Assert.Equal(mixes, row.GetProperty("train_bf16").ValueKind == JsonValueKind.Number);
        }

        var markdown = File.ReadAllLines(root.GetProperty("markdown").GetString()!);
        Assert.Equal(Path.Combine(folder.Root, "reports", "bench-zoo.md"), root.GetProperty("markdown").GetString());
        Assert.Equal(4, markdown.Count(l => l.StartsWith('|')));
        Assert.StartsWith("| `vit_tiny_patch16_224` | 32 | 5.", markdown[3], StringComparison.Ordinal);
        var csv = File.ReadAllLines(root.GetProperty("csv").GetString()!);
        Assert.Equal("model,input_size,parameters,macs,batch,error,infer,infer_bf16,train,train_bf16,left_out", csv[0]);
        Assert.Equal(3, csv.Length);
    }

    [Fact]
    public void A_fixture_adds_the_difference_from_timm()
    {
        var parity = Path.Combine(Reference.Folder, "parity");
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, ["bench", "zoo", "resnet18", "resnet10t", "--fixtures", parity, .. Quick]);
        Assert.Equal(0, answer.ExitCode);
        using var json = JsonDocument.Parse(answer.LastLine);
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.InRange(rows[0].GetProperty("error").GetDouble(), 0, 1e-4);
        Assert.True(rows[0].GetProperty("agrees").GetBoolean());
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("error").ValueKind);
        Assert.Contains("| batch | error |", File.ReadAllText(json.RootElement.GetProperty("markdown").GetString()!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "nearest names are resnet50", "resnet10t", "resnet5o")]
    [InlineData(1, "none", "resnet10t", "--fixtures", "none")]
    [InlineData(1, "vit_tiny_patch16_224", "resnet10t", "vit_tiny_patch16_224", "--size", "33")]
    [InlineData(2, "--classes is 1", "resnet10t", "--classes", "1")]
    [InlineData(2, "--seconds is -1", "resnet10t", "--seconds", "-1")]
    [InlineData(2, "batch_size is 0", "resnet10t", "--batch", "0")]
    public void Invalid_arguments_are_refused_before_the_first_measurement(int exitCode, string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, ["bench", "zoo", .. arguments]);
        Assert.Equal(exitCode, answer.ExitCode);
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("architecture", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Root, "reports")));
    }

    [Fact]
    public void An_interruption_keeps_the_measured_rows_and_resuming_continues_after_them()
    {
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.RunWithEnvironment(
            folder.Root, new Dictionary<string, string>(StringComparer.Ordinal), line => line.StartsWith("1 of 2: ", StringComparison.Ordinal),
            "bench", "zoo", "resnet10t", "resnet18", "--size", "32", "--batch", "2", "--seconds", "0.5");
        Assert.Equal(130, answer.ExitCode);
        Assert.Contains("contain the 1 measured row(s)", answer.Output, StringComparison.Ordinal);
        var csv = Path.Combine(folder.Root, "reports", "bench-zoo.csv");
        var rows = File.ReadAllLines(csv);
        Assert.Equal(2, rows.Length);

        var resumed = ProgramRunner.Run(folder.Root, "bench", "zoo", "resnet10t", "resnet18", "--size", "32", "--batch", "2", "--seconds", "0.5", "--resume");
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(rows, File.ReadAllLines(csv)[..2]);
        Assert.Equal(3, File.ReadAllLines(csv).Length);

        // Other conditions start a new table.
        var other = ProgramRunner.Run(folder.Root, "bench", "zoo", "resnet10t", "--size", "32", "--batch", "2", "--seconds", "0.25", "--resume");
        Assert.Equal(0, other.ExitCode);
        Assert.NotEqual(rows[1], File.ReadAllLines(csv)[1]);
    }

    [Fact]
    public void The_default_architectures_are_those_with_fixtures()
    {
        var fixtures = Directory.GetFiles(Path.Combine(Reference.Folder, "parity"), "*.json").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(fixtures.Order(StringComparer.Ordinal), ZooBench.DefaultModels.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_memory_estimate_of_training_grows_with_images_and_parameters_and_includes_weights_gradients_and_moments()
    {
        var device = ComputeDevice.Cpu; // loads libtorch
        Assert.False(device.IsCuda);
        var (small, large) = (Zoo.Build("resnet18"), Zoo.Build("eva_giant_patch14_224"));
        Assert.True(ZooBench.TrainingBytes(small, 2, ComputePrecision.Float32) > ZooBench.TrainingBytes(small, 1, ComputePrecision.Float32));
        Assert.True(ZooBench.TrainingBytes(small, 1, ComputePrecision.BFloat16) > ZooBench.TrainingBytes(small, 1, ComputePrecision.Float32));
        Assert.InRange(ZooBench.TrainingBytes(large, 1, ComputePrecision.Float32), 16 * large.Parameters, 20 * large.Parameters);
    }
}
