using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Learning.Weights.Torch;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Weights;

/// <summary>Weights from strangers: each is read, or refused in one sentence, quickly and in little memory.</summary>
public sealed class UntrustedWeightsTests : IDisposable
{
    private const long Megabyte = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("pth-shapes.pth.gz", "dimensions, expected at most 64")]
    [InlineData("pth-pairs.pth.gz", "its pickle makes more than 128 MB of values")]
    [InlineData("st-surrogate.safetensors", "the text of its header is not valid Unicode")]
    [InlineData("st-other-16693.bin", "cannot be read as safetensors: ")]
    public void A_file_of_the_cases_is_refused_in_one_sentence(string name, string sentence)
    {
        var path = Path.Combine(Reference.Folder, "cases", "weights", name);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var file = File.Create(path = _folder["unpacked"]);
            packed.CopyTo(file);
        }

        AssertRefusal(sentence, () => WeightsFile.Open(path));
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Sign in</body></html>", "is an HTML page, not weights; the address gave a web page")]
    [InlineData("\n  <html lang=\"de\">", "is an HTML page, not weights")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n", "is a Git LFS pointer, not weights; run git lfs pull")]
    [InlineData("{\"error\": \"Entry not found\"}", "is a JSON text, not weights")]
    [InlineData("Entry not found", "is a text file, not weights")]
    [InlineData("\u0093NUMPY\u0001\0", "is a NumPy array, not weights")]
    [InlineData("GGUF\u0003\0\0\0", "is a GGUF model, not weights")]
    [InlineData("\u0089HDF\r\n\u001A\n", "is an HDF5 file, not weights")]
    [InlineData("", "is an empty file, not weights")]
    public void Another_kind_of_file_is_named(string text, string sentence)
    {
        File.WriteAllBytes(_folder["model.safetensors"], Encoding.Latin1.GetBytes(text));
        AssertRefusal(sentence, () => WeightsFile.Open(_folder["model.safetensors"]));
        AssertRefusal(sentence, () => WeightsFile.Open(_folder.Root));
    }

    [Fact]
    public void An_archive_of_NumPy_arrays_is_named()
    {
        using (var zip = ZipFile.Open(_folder["weights.npz"], ZipArchiveMode.Create))
        {
            zip.CreateEntry("conv1.weight.npy", CompressionLevel.NoCompression);
        }

        AssertRefusal("is a NumPy archive (.npz), not PyTorch weights", () => WeightsFile.Open(_folder["weights.npz"]));
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "a tensor has 65 dimensions, expected at most 64")]
    public void A_tensor_has_at_most_64_dimensions(int dimensions, string? sentence)
    {
        var ones = Enumerable.Repeat(1L, dimensions).ToArray();
        var writer = new TorchWriter();
        writer.Dictionary().Text("w").Tensor(writer.Storage(1f), "Float", 1, 0, ones, ones).Close().Write(_folder["a.pth"]);
        var header = $$$"""{"w":{"dtype":"F32","shape":[{{{string.Join(',', ones)}}}],"data_offsets":[0,4]}}""";
        WriteSafetensors("a.safetensors", header, 4);
        foreach (var file in new[] { "a.pth", "a.safetensors" })
        {
            if (sentence is null)
            {
                using var opened = WeightsFile.Open(_folder[file]);
                Assert.Equal(dimensions, opened.Tensors.Single().Shape.Length);
            }
            else
            {
                AssertRefusal("expected at most 64", () => WeightsFile.Open(_folder[file]));
            }
        }
    }

    /// <summary>A list in the memo is shared by many dictionaries, tuples, storages and names; each use takes a few bytes of the pickle.</summary>
    [Theory]
    [InlineData("dictionaries")]
    [InlineData("nested dictionaries")]
    [InlineData("names")]
    [InlineData("marks")]
    [InlineData("tuples")]
    [InlineData("memo")]
    [InlineData("storages")]
    [InlineData("empty lists")]
    [InlineData("sets")]
    public void Sharing_and_growth_stay_within_one_budget(string kind)
    {
        var writer = new TorchWriter();
        Grow(writer, kind);
        writer.Write(_folder["a.pth"]);
        AssertRefusal("", () => WeightsFile.Open(_folder["a.pth"]));
    }

    [Theory]
    [InlineData("global")]
    [InlineData("key")]
    public void Long_names_are_refused_or_cut(string where)
    {
        var writer = new TorchWriter();
        var name = new string('n', 200_000);
        writer.Dictionary();
        _ = where == "global" ? writer.Text("w").Global("torch", name) : writer.Tensor(name, 1, 2);
        writer.Close().Write(_folder["a.pth"]);
        AssertRefusal("a name has 200000 characters, expected at most 1000", () => WeightsFile.Open(_folder["a.pth"]));
    }

    [Fact]
    public void A_shape_with_an_empty_side_is_checked_in_linear_time()
    {
        var sides = string.Concat(Enumerable.Repeat("9223372036854775807,", 500_000));
        WriteSafetensors("a.safetensors", $$$"""{"w":{"dtype":"F32","shape":[{{{sides}}}0],"data_offsets":[0,0]}}""", 0);
        AssertRefusal("its shape has 500001 numbers, expected at most 64", () => WeightsFile.Open(_folder["a.safetensors"]));
        WriteSafetensors("b.safetensors", """{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}""", 0);
        using var file = WeightsFile.Open(_folder["b.safetensors"]);
        Assert.Equal(0, file.Find("w")!.Count);
    }

    [Fact]
    public void A_long_header_is_refused_before_it_is_parsed()
    {
        WriteSafetensors("a.safetensors", "{" + new string(' ', 17_000_000) + "}", 0);
        AssertRefusal("its header would be 17000002 bytes long; expected at most 16000000", () => WeightsFile.Open(_folder["a.safetensors"]));
        _folder.With("b.index.json", new string(' ', 17_000_000));
        AssertRefusal("it has 17000000 bytes, expected at most 16000000", () => WeightsFile.Open(_folder["b.index.json"]));
    }

    [Theory]
    [InlineData("""{"weight_map":{"\ud800":"a","\ud800":"b"}}""", "its text is not valid Unicode")]
    [InlineData("""{"weight_map":{"a":"../x.safetensors"}}""", "expected the name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"x","a":"y"}}""", "cannot be read as an index")]
    [InlineData("[[[[[[[[[[[[", "cannot be read as an index")]
    public void An_index_from_elsewhere_is_refused_in_one_sentence(string json, string sentence)
    {
        _folder.With("model.safetensors.index.json", json);
        AssertRefusal(sentence, () => WeightsFile.Open(_folder["model.safetensors.index.json"]));
    }

    [Fact]
    public void A_transposed_tensor_of_another_type_is_converted_without_reading_it_for_each_block()
    {
        const int Side = 3000;
        var halves = new Half[Side * Side];
        halves[1] = (Half)2.5f;
        halves[(Side * Side) - 1] = (Half)7;
        var writer = new TorchWriter();
        writer.Dictionary().Text("w").Tensor(writer.Storage(halves), "Half", halves.Length, 0, [Side, Side], [1, Side]).Close().Write(_folder["a.pth"]);
        var watch = Stopwatch.StartNew();
        using var file = WeightsFile.Open(_folder["a.pth"]);
        var floats = new float[Side * Side];
        file.CopyTo(file.Find("w")!, 0, floats);
        Assert.Equal((2.5f, 7f), (floats[Side], floats[^1]));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("model_state_dict.")]
    [InlineData("model_state_dict.module.")]
    [InlineData("state_dict.model.")]
    [InlineData("net_state_dict.")]
    [InlineData("encoder.")]
    [InlineData("params.")]
    [InlineData("my_trainer.Backbone_0.")]
    [InlineData("weights.module.")]
    public void A_dictionary_of_any_name_around_the_weights_is_unwrapped(string prefix)
    {
        var architecture = Small();
        using var saved = ModelWeights.Fresh(architecture, 3);
        SafetensorsFormat.Write(_folder["a.safetensors"], architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => (prefix + spec.Name, tensor)));
        var (loaded, report) = ModelWeights.Load(architecture, _folder["a.safetensors"], 4);
        using (loaded)
        {
            Assert.Equal(prefix, report.Prefix);
            Assert.True(loaded.Tensors.Zip(saved.Tensors).All(p => p.First.equal(p.Second).all().IsTrue()));
        }
    }

    [Fact]
    public void Of_two_unknown_copies_the_average_is_used()
    {
        var architecture = Small();
        using var raw = ModelWeights.Fresh(architecture, 3);
        using var average = ModelWeights.Fresh(architecture, 4);
        SafetensorsFormat.Write(
            _folder["a.safetensors"],
            architecture.Tensors.Zip(raw.Tensors, (spec, tensor) => ("student_weights." + spec.Name, tensor))
                .Concat(architecture.Tensors.Zip(average.Tensors, (spec, tensor) => ("student_ema_weights." + spec.Name, tensor))));
        var (loaded, report) = ModelWeights.Load(architecture, _folder["a.safetensors"], 5);
        using (loaded)
        {
            Assert.Equal("student_ema_weights.", report.Prefix);
            Assert.Equal(["student_weights."], report.OtherCopies);
        }
    }

    [Fact]
    public void NaN_is_refused_by_name_and_infinities_are_reported()
    {
        var architecture = Small();
        using var weights = ModelWeights.Fresh(architecture, 3);
        var name = architecture.Tensors.First(t => t.Role == TensorRole.Buffer).Name;
        using var noGrad = torch.no_grad();
        weights[name][1] = float.PositiveInfinity;
        weights.Save(_folder["a.safetensors"]);
        var (loaded, report) = ModelWeights.Load(architecture, _folder["a.safetensors"], 4);
        using (loaded)
        {
            Assert.Equal([name], report.Infinite);
            Assert.Contains($"with infinite values: {name}", report.ToString(), StringComparison.Ordinal);
            Assert.Contains("with infinite values: 1", report.Summary, StringComparison.Ordinal);
        }

        weights[$"{architecture.FirstConvolution}.weight"].view(-1)[0] = float.NaN;
        weights.Save(_folder["b.safetensors"]);
        AssertRefusal(
            $"has NaN in 1 of {architecture.Tensors.Length} tensors ({architecture.FirstConvolution}.weight)",
            () => ModelWeights.Load(architecture, _folder["b.safetensors"], 4).Weights);
    }

    private static Architecture Small() => Zoo.Build("resnet18", new ModelOptions { Classes = 3 });

    private static void Grow(TorchWriter writer, string kind)
    {
        const int Many = 300_000;
        const string Bool = "\x88";
        switch (kind)
        {
            case "dictionaries":
                // A list of pairs in memo 200, from which an ordered dictionary is made again and again.
                writer.Raw("](").Raw(string.Concat(Enumerable.Repeat("(K\x01K\x02t", 50_000))).Raw("e").Raw("q\xC8").Raw("0");
                writer.Raw("](").Raw(string.Concat(Enumerable.Repeat("ccollections\nOrderedDict\nh\xC8\x85R", 3000))).Raw("e");
                break;
            case "nested dictionaries":
                writer.Raw("}q\xC8");
                for (var depth = 0; depth < 8; depth++)
                {
                    writer.Raw("0}q\xC9(").Raw(string.Concat(Enumerable.Range(0, 60).Select(i => $"U\x02{i:00}h\xC8"))).Raw("uq\xC8");
                }

                break;
            case "names":
                writer.Raw("X").Raw(BitConverter.GetBytes(100_000)).Raw(new string('n', 100_000)).Raw("q\xC8").Raw("0}(");
                writer.Raw(string.Concat(Enumerable.Repeat("h\xC8}", 1000))).Raw("u");
                break;
            case "marks":
                writer.Raw(new string('(', 4_000_000));
                break;
            case "tuples":
                writer.Raw("(" + string.Concat(Enumerable.Repeat(Bool, 1_000_000)) + "t").Raw(string.Concat(Enumerable.Repeat("2", 4_000_000)));
                break;
            case "memo":
                writer.Raw(Bool);
                for (var i = 0; i < Many * 8; i++)
                {
                    writer.Raw((byte)'r', (byte)i, (byte)(i >> 8), (byte)(i >> 16), 0);
                }

                break;
            case "storages":
                var one = writer.Storage(1f);
                writer.Tensor(one, "Float", 1, 0, [1], [1]).Raw("q\xC8").Raw("0(").Raw(string.Concat(Enumerable.Repeat("h\xC8", 4_000_000))).Raw("t");
                break;
            case "empty lists":
                writer.Raw("(" + new string(']', 4_000_000) + "t");
                break;
            default:
                writer.Raw("(" + string.Concat(Enumerable.Repeat("\x8F", 4_000_000)) + "t");
                break;
        }
    }

    private void WriteSafetensors(string name, string header, int bytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(_folder[name], [.. length, .. json, .. new byte[bytes]]);
    }

    private static void AssertRefusal(string sentence, Func<IDisposable> open)
    {
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var refusal = Assert.Throws<RefusalException>(() => open().Dispose());
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.Message.Length <= 4000, $"{refusal.Message.Length} characters");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 256 * Megabyte, $"{allocated / Megabyte} MB");
    }
}
