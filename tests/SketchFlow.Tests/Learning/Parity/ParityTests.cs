using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Parity;

namespace SketchFlow.Tests.Learning.Parity;

public class ParityTests
{
    [Theory]
    [InlineData("resnet18")]
    [InlineData("convnext_atto")]
    [InlineData("vit_tiny_patch16_224")]
    [InlineData("resnet50")]
    [InlineData("resnetv2_50")]
    [InlineData("regnety_004")]
    [InlineData("efficientnet_b0")]
    [InlineData("densenet121")]
    [InlineData("tresnet_m")]
    [InlineData("eva02_tiny_patch14_224")]
    public void A_small_architecture_computes_timms_logits(string name)
    {
        var result = Verify(Fixture(name));
        Assert.True(result.Agrees, result.ToString());
        Assert.InRange(result.Error, 0, 1e-5);
    }

    [Fact]
    public void Every_fixture_of_a_known_architecture_has_its_names_shapes_order_and_preprocessing()
    {
        var known = Directory.GetFiles(Path.GetDirectoryName(Fixture("resnet18"))!, "*.json")
            .Where(file => Zoo.Names.Contains(Path.GetFileNameWithoutExtension(file))).ToList();
        Assert.NotEmpty(known);
        Assert.All(known, file =>
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = document.RootElement;
            var timm = root.GetProperty("timm");
            var architecture = Zoo.Build(Path.GetFileNameWithoutExtension(file), new() { Classes = 500 });
            Assert.Equal(
                root.GetProperty("tensors").EnumerateArray().Select(t => $"{t[0].GetString()} ({string.Join(", ", t[1].EnumerateArray())})"),
                architecture.Tensors.Select(t => t.ToString()));
            Assert.Equal(root.GetProperty("input_size").GetInt32(), architecture.InputSize);
            Assert.Equal(root.GetProperty("parameters").GetInt64(), architecture.Parameters);
            Assert.Equal(timm.GetProperty("first_conv").GetString(), architecture.FirstConvolution);
            Assert.Equal(timm.GetProperty("classifier").GetString(), architecture.Classifier);
            Assert.Equal(timm.GetProperty("interpolation").GetString(), architecture.Preprocessing.Interpolation);
            Assert.Equal(timm.GetProperty("crop_mode").GetString(), architecture.Preprocessing.CropMode);
            Assert.Equal(timm.GetProperty("crop_pct").GetDouble(), architecture.Preprocessing.CropPct);
            Assert.Equal(timm.GetProperty("mean").EnumerateArray().Select(v => v.GetDouble()), architecture.Preprocessing.Mean);
            Assert.Equal(timm.GetProperty("std").EnumerateArray().Select(v => v.GetDouble()), architecture.Preprocessing.Std);
        });
    }

    [Theory]
    [InlineData("\"bn1.bias\", [64]", "\"bn1.bias\", [65]", "bn1.bias is (64) and (65) in timm")]
    [InlineData("\"bn1.bias\"", "\"bn1.shift\"", "bn1.shift is missing")]
    public void A_changed_fixture_is_reported_as_different(string old, string changed, string sentence)
    {
        var file = Path.GetTempFileName();
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Fixture("resnet18")));
            var text = JsonSerializer.Serialize(document.RootElement).Replace("\",[", "\", [", StringComparison.Ordinal);
            Assert.Contains(old, text, StringComparison.Ordinal);
            File.WriteAllText(file, text.Replace(old, changed, StringComparison.Ordinal));
            var result = Verify(file);
            Assert.False(result.Agrees);
            Assert.Contains(sentence, result.Differences);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Changed_logits_are_reported_as_different()
    {
        var file = Path.GetTempFileName();
        try
        {
            var node = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Fixture("resnet18")))!;
            node["logits"]![1]![7] = node["logits"]![1]![7]!.GetValue<double>() + 0.01;
            File.WriteAllText(file, node.ToJsonString());
            var result = Verify(file);
            Assert.False(result.Agrees);
            Assert.True(result.Error > ParityResult.Tolerance);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_file_that_is_no_fixture_is_refused()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "{\"model\": 3}");
        var refusal = Assert.Throws<RefusalException>(() => Verify(file));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    private static ParityResult Verify(string file) => ParityCheck.Verify(Assert.Single(ParityFixture.Read(file)));

    private static string Fixture(string name)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var file = Path.Combine(folder, "shared", "parity", $"{name}.json");
            if (File.Exists(file))
            {
                return file;
            }
        }

        Assert.Skip("no reference data");
        return "";
    }
}
