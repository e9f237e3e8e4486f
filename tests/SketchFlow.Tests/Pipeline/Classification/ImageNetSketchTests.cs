using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;
using TorchSharp;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>ImageNet's names with real weights: those of resnet18 in the reference data, which have no classifier, and one made of class means here.</summary>
[Long]
public sealed class ImageNetSketchTests : IDisposable
{
    private const int Side = 224;
    private const int Shown = 25;
    private const int Asked = 15;

    // Classes of PACS that ImageNet has, by their numbers in ImageNet.
    private static readonly (string Sketch, int Number, string Name)[] _classes =
    [
        ("dog", 207, "golden retriever"), ("elephant", 386, "African elephant, Loxodonta africana"), ("guitar", 402, "acoustic guitar"),
        ("horse", 339, "sorrel"),
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Sketches_get_the_names_of_ImageNets_classes()
    {
        var pacs = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));
        var weights = Path.Combine(Reference.Folder, "weights", "resnet18_imagenet.safetensors");
        var sketches = _classes.Select(c => pacs.Train.Where(s => pacs.Classes[s.Target!.Value] == c.Sketch).Take(Shown + Asked).ToArray()).ToArray();
        var file = _folder["imagenet.safetensors"];
        WriteClassifier(weights, file, [.. sketches.Select(s => Features(weights, s[..Shown]))]);

        string[] asked = [.. sketches.SelectMany(s => s[Shown..]).Select(s => s.File)];
        var result = ProgramRunner.Run(_folder.Root, ["classify", "--run", file, "--jsonl", "--top", "1", "--amp", "off", "--device", "cpu", .. asked]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("its 1000 classes are taken for those of ImageNet", result.Error, StringComparison.Ordinal);
        var answers = result.Output.Trim().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("top")[0]).ToList();
        var right = 0;
        for (var i = 0; i < answers.Count; i++)
        {
            var (_, number, name) = _classes[i / Asked];
            var (index, text) = (answers[i].GetProperty("index").GetInt32(), answers[i].GetProperty("class").GetString());
            Assert.Equal(ImageNetClasses.For(1000)[index].Words, text);
            Assert.Equal(ImageNetClasses.For(1000)[index].Synset, answers[i].GetProperty("synset").GetString());
            right += index == number && text == name ? 1 : 0;
        }

        // One in four is right by chance.
        Assert.True(right >= answers.Count * 0.5, $"{right} of {answers.Count} are right");
    }

    public void Dispose() => _folder.Dispose();

    private static float[][] Features(string weights, IReadOnlyList<Sample> sketches)
    {
        var architecture = Zoo.Build("resnet18", new ModelOptions { Classes = 0 });
        var (model, _) = FlatModel.Load(architecture, weights, 0, ComputeDevice.Cpu, channelsLast: false, learns: false);
        using (model)
        {
            var crop = Pretrained.TagsFor("resnet18")[0].Preprocessing.CropPct;
            var options = new PadResizeOptions { Side = Side, Fit = ResizeMode.CentreCrop, Interpolation = Interpolation.Bicubic, CropPercent = crop };
            Pixels[] pixels = [.. sketches.Select(s => PadResize.Run(options, ImageDecoder.Read(new DecodeOptions(), s).Value))];
            using var batch = PixelBatch.Stack(pixels);
            Array.ForEach(pixels, p => p.Dispose());
            return [.. new InferenceStep(model, architecture.Preprocessing, ComputePrecision.Float32).Logits(batch).Chunk(512)];
        }
    }

    // The nearest of the means, in units of the deviation within the classes, by a linear classifier; all other classes are far away.
    private static void WriteClassifier(string weights, string file, float[][][] features)
    {
        float[][] means = [.. features.Select(c => Enumerable.Range(0, 512).Select(i => c.Average(f => f[i])).ToArray())];
        float[] variances =
        [
            .. Enumerable.Range(0, 512).Select(i => 0.01f + features.Zip(means, (c, m) => c.Average(f => (f[i] - m[i]) * (f[i] - m[i]))).Average()),
        ];
        var architecture = Zoo.Build("resnet18", new ModelOptions { Classes = 1000 });
        var (model, _) = FlatModel.Load(architecture, weights, 0, ComputeDevice.Cpu, channelsLast: false, learns: false);
        using (model)
        {
            var (rows, biases) = (new float[1000 * 512], new float[1000]);
            Array.Fill(biases, -1e6f);
            foreach (var (mean, number) in means.Zip(_classes.Select(c => c.Number)))
            {
                mean.Zip(variances, (m, v) => m / v).ToArray().CopyTo(rows.AsSpan(number * 512, 512));
                biases[number] = -0.5f * mean.Zip(variances, (m, v) => m * m / v).Sum();
            }

            Set("fc.weight", torch.tensor(rows).reshape(1000, 512));
            Set("fc.bias", torch.tensor(biases));
            model.Save(file, new Dictionary<string, string>(StringComparer.Ordinal) { ["architecture"] = "resnet18" });

            void Set(string name, torch.Tensor value)
            {
                using var noGrad = torch.no_grad();
                using (value)
                {
                    model.Weights[architecture.Tensors.Select(t => t.Name).ToList().IndexOf(name)].copy_(value);
                }
            }
        }
    }
}
