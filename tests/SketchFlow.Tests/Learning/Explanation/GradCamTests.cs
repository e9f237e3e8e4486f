using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Learning.Explanation;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Explanation;

/// <summary>
/// grad-cam.jsonl has every eighth pixel of the maps of jacobgil/pytorch-grad-cam, and of attention by whole matrices, for a drawing of PACS;
/// <c>tests/reference/grad_cam.py</c> wrote it.
/// </summary>
public sealed class GradCamTests
{
    private const int Side = 224;
    private const int Step = 8;

    private static readonly Lazy<JsonObject[]> Cases = new(() => [.. File.ReadLines(Here()).Select(line => JsonNode.Parse(line)!.AsObject())]);

    public static TheoryData<string, string> Maps =>
        [.. Cases.Value.SelectMany(c => c["maps"]!.AsObject().Select(map => (c["model"]!.GetValue<string>(), map.Key)))];

    [Theory]
    [MemberData(nameof(Maps))]
    public void A_map_agrees_with_the_reference_within_a_thousandth_of_its_largest_value(string name, string method)
    {
        var expected = Cases.Value.Single(c => c["model"]!.GetValue<string>() == name);
        using var model = Load(expected);
        using var image = Drawing();
        var explainer = new Explainer(model);
        var target = expected["target"]!.GetValue<int>();
        var logits = explainer.Logits(image);
        Assert.Equal(target, Array.IndexOf(logits, logits.Max()));
        Assert.Equal(expected["logit"]!.GetValue<double>(), logits[target], 1e-3);
        var pixels = explainer.Explain(image, new SaliencyTarget(target), Enum.Parse<SaliencyMethod>(method)).ToPixels(Side, Side);
        var reference = expected["maps"]![method]!.AsArray().Select(value => value!.GetValue<int>() / 10_000F).ToArray();
        Assert.Equal(Side / Step * (Side / Step), reference.Length);
        // The channels of a random network may all have negative weights.
        Assert.True(reference.Max() is > 0.5F or 0);
        for (var i = 0; i < reference.Length; i++)
        {
            var (y, x) = ((i / (Side / Step) * Step) + (Step / 2), (i % (Side / Step) * Step) + (Step / 2));
            Assert.True(Math.Abs(reference[i] - pixels[(y * Side) + x]) < 1e-3, $"{y}, {x}: expected {reference[i]}, got {pixels[(y * Side) + x]}");
        }
    }

    private static FlatModel Load(JsonObject expected)
    {
        var name = expected["model"]!.GetValue<string>();
        var architecture = Zoo.Build(name, new() { Classes = expected["classes"]!.GetValue<int>() });
        var isFilled = expected["filled"]!.GetValue<bool>();
        var model = isFilled
            ? FlatModel.Create(architecture, ModelWeights.Empty(architecture), ComputeDevice.Cpu, channelsLast: false, learns: false)
            : FlatModel.Load(
                architecture, Path.Combine(Reference.Folder, "weights", "resnet18_imagenet.safetensors"), 0, ComputeDevice.Cpu, channelsLast: false,
                learns: false).Model;
        using var quiet = torch.no_grad();
        foreach (var (spec, tensor) in architecture.Tensors.Zip(model.Weights).Where(t => isFilled || architecture.BelongsToClassifier(t.First.Name)))
        {
            ParityCheck.Fill(tensor, spec, gain: 2);
        }

        return model;
    }

    // The first 224 rows and columns of a drawing of 227 x 227 pixels.
    private static Pixels Drawing()
    {
        var file = Path.Combine(Reference.Folder, "data", "pacs-sketch", "test", "432.png");
        using var whole = ImageDecoder.Read(new DecodeOptions(), new Sample(0, "432.png", file, null)).Value;
        var part = Pixels.Rent(whole.Sample, Side, Side, whole.Channels);
        for (var y = 0; y < Side; y++)
        {
            whole.Bytes.Slice(y * whole.Width * whole.Channels, Side * whole.Channels).CopyTo(part.Bytes[(y * Side * whole.Channels)..]);
        }

        return part;
    }

    private static string Here([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "grad-cam.jsonl");
}
