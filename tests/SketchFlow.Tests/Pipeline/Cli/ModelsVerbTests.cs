using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Tests.Pipeline.Cli;

public class ModelsVerbTests
{
    [Fact]
    public void The_list_gives_parameters_input_size_and_multiply_adds()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "list", "swin_tiny", "--json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Matches(@"swin_tiny_patch4_window7_224 +28\.29 +224 +4\.49", answer.Output);
        using var json = JsonDocument.Parse(answer.LastLine);
        var model = json.RootElement.EnumerateArray().Single();
        Assert.Equal(28_288_354, model.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public void The_list_gives_the_pretrained_tags_known_timms_default_first()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "list", "resnet18*", "--json");
        Assert.Equal(0, answer.ExitCode);
        var known = Pretrained.TagsFor("resnet18");
        Assert.Equal(7, known.Length);
        Assert.Matches(@"(?m)^resnet18 .*  a1_in1k \+6$", answer.Output);
        using var json = JsonDocument.Parse(answer.LastLine);
        var model = json.RootElement.EnumerateArray().Single(m => m.GetProperty("model").GetString() == "resnet18");
        Assert.Equal(known.Select(t => t.Tag), model.GetProperty("pretrained").EnumerateArray().Select(t => t.GetString()));

        var none = Zoo.Names.First(n => Pretrained.TagsFor(n).IsEmpty);
        Assert.Matches($@"(?m)^{none} .* -$", ProgramRunner.Run(Path.GetTempPath(), "models", "list", none).Output);
    }

    [Fact]
    public void Info_gives_every_pretrained_tag_with_its_repository()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "info", "resnet18", "--json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains($"timm's default first: 7\n  {string.Join("\n  ", Pretrained.TagsFor("resnet18"))}\n", answer.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(answer.LastLine);
        var tags = json.RootElement.GetProperty("pretrained").EnumerateArray().ToList();
        Assert.Equal(Pretrained.TagsFor("resnet18").Select(t => t.Repository), tags.Select(t => t.GetProperty("repository").GetString()));
        Assert.Equal(Pretrained.TagsFor("resnet18").Select(t => t.Tag), tags.Select(t => t.GetProperty("tag").GetString()));
    }

    [Fact]
    public void Info_lists_the_operations_of_the_forward_pass_from_the_images_to_the_logits()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "info", "resnet18", "--graph", "--classes", "10");
        Assert.Equal(0, answer.ExitCode);
        Assert.Matches(@"(?m)^%0 +Input +1×3×224×224 *$", answer.Output);
        Assert.Matches(@"(?m)^%\d+ +Convolution +1×64×112×112 +%0, conv1\.weight$", answer.Output);
        Assert.Matches(@"(?m)^%\d+ +Linear +1×10 +%\d+, fc\.weight, fc\.bias$", answer.Output.TrimEnd());
    }

    [Fact]
    public void A_pattern_that_nothing_matches_is_refused()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "list", "*nothing*");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("No architecture matches *nothing*", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_gives_layers_shapes_parameters_and_preprocessing()
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), "models", "info", "resnet18", "--classes", "7", "--size", "64", "--json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Matches(@"layer1\.0\.conv1 +1×64×16×16 +9\.44 +Convolution", answer.Output);
        Assert.StartsWith("resnet18: ", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fc.weight", answer.Output[..answer.Output.IndexOf('{', StringComparison.Ordinal)], StringComparison.Ordinal);
        var tensors = ProgramRunner.Run(Path.GetTempPath(), "models", "info", "resnet18", "--classes", "7", "--tensors").Output;
        Assert.Matches(@"fc\.weight +7×512 +3,584", tensors);
        Assert.Matches(@"bn1\.num_batches_tracked +scalar", tensors);
        Assert.Contains("crop 0.95 (center)", answer.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(41, json.RootElement.GetProperty("layers").GetArrayLength());
        Assert.Equal(122, json.RootElement.GetProperty("tensors").GetArrayLength());
    }

    [Fact]
    public void Verify_answers_0_when_all_agree_and_1_when_one_does_not_or_is_no_fixture()
    {
        var fixture = Path.Combine(Reference.Folder, "parity", "resnet18.json");
        var folder = Directory.CreateTempSubdirectory("sketchflow-verify-").FullName;
        try
        {
            var changed = Path.Combine(folder, "changed.json");
            File.WriteAllText(changed, File.ReadAllText(fixture).Replace("bn1.bias", "bn1.shift", StringComparison.Ordinal));
            Assert.Equal(0, ProgramRunner.Run(folder, "models", "verify", fixture).ExitCode);
            var differs = ProgramRunner.Run(folder, "models", "verify", fixture, changed);
            Assert.Equal(1, differs.ExitCode);
            Assert.Contains("DIFFERS", differs.Output, StringComparison.Ordinal);
            var exported = ProgramRunner.Run(folder, "models", "verify", fixture, "--engine", "onnx", "--opset", "22");
            Assert.Contains(" MB", exported.Output, StringComparison.Ordinal);
            var logits = Path.Combine(folder, "logits.json");
            File.WriteAllText(logits, JsonNode.Parse(File.ReadAllText(fixture)) is { } json && Negate(json) ? json.ToJsonString() : "");
            var other = ProgramRunner.Run(folder, "models", "verify", logits, "--engine", "onnx");
            Assert.Contains("DIFFERS: logits", other.Output, StringComparison.Ordinal);
            Assert.Equal(2, ProgramRunner.Run(folder, "models", "verify", fixture, "--engine", "onnx", "--opset", "16").ExitCode);
            var none = ProgramRunner.Run(folder, "models", "verify", Path.Combine(folder, "none.json"));
            Assert.Equal(1, none.ExitCode);
            Assert.Contains("none.json", none.Error, StringComparison.Ordinal);
            Assert.Equal(2, ProgramRunner.Run(folder, "models", "verify").ExitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static bool Negate(JsonNode fixture)
        {
            var image = fixture["logits"]![0]!.AsArray();
            image[0] = -image[0]!.GetValue<double>();
            return true;
        }
    }
}
