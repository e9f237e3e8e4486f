using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.TensorFiles;
using SketchFlow.Learning.Weights.Torch;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Weights.Torch;

public sealed class TorchCheckpointTests : IDisposable
{
    /// <summary>
    /// A file written by CPython 3.11's pickle (protocol 2) and zipfile with substitutes for PyTorch's classes: the dictionary of a training
    /// program around an OrderedDict with attributes.
    /// </summary>
    private const string FromPython =
        "UEsDBBQAAAAAAC+0eF28oLIH4gIAAOICAAAQAAAAYXJjaGl2ZS9kYXRhLnBrbIACfXEAKFgFAAAAZXBvY2hxAUsHWAQAAABhcmNocQJYBQAAAHNtYWxscQNYCgAAAHN0YXRlX2RpY3Rx"
        + "BGNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxBSlScQYoWAEAAAB3cQdjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxCCgoWAcAAABzdG9yYWdlcQljdG9yY2gKRmxvYXRT"
        + "dG9yYWdlCnEKWAEAAAAwcQtYAwAAAGNwdXEMSwZ0cQ1RSwBLAksDhnEOSwNLAYZxD4loBSlScRB0cRFScRJYAgAAAHd0cRNoCCgoaAloCmgLaAxLBnRxFFFLAEsDSwKGcRVLAUsDhnEW"
        + "iWgFKVJxF3RxGFJxGVgEAAAAdGFpbHEaaAgoKGgJaApoC2gMSwZ0cRtRSwRLAoVxHEsBhXEdiWgFKVJxHnRxH1JxIFgBAAAAbnEhaAgoKGgJY3RvcmNoCkxvbmdTdG9yYWdlCnEiWAEA"
        + "AAAxcSNoDEsBdHEkUUsAKSmJaAUpUnEldHEmUnEnWAEAAABocShoCCgoaAljdG9yY2gKSGFsZlN0b3JhZ2UKcSlYAQAAADJxKmgMSwJ0cStRSwBoHGgdiWgFKVJxLHRxLVJxLlgBAAAA"
        + "YnEvaAgoKGgJY3RvcmNoCkJGbG9hdDE2U3RvcmFnZQpxMFgBAAAAM3ExaAxLAnRxMlFLAGgcaB2JaAUpUnEzdHE0UnE1dX1xNlgJAAAAX21ldGFkYXRhcTdoBSlScThYAAAAAHE5fXE6"
        + "WAcAAAB2ZXJzaW9ucTtLAXNzc2JYBgAAAG1ldHJpY3E8R0BSkAAAAAAAWAMAAABiaWdxPYoNAAAAQOrtdEbQnCyfDFgEAAAAbm9uZXE+TlgEAAAAbGlzdHE/XXFAKEsBR0AEAAAAAAAA"
        + "iImGcUFlWAMAAABzZXRxQmNfX2J1aWx0aW5fXwpzZXQKcUNdcURLAWGFcUVScUZ1LlBLAwQUAAAAAAAvtHhdhT3jGQYAAAAGAAAAEQAAAGFyY2hpdmUvYnl0ZW9yZGVybGl0dGxlUEsD"
        + "BBQAAAAAAC+0eF0XkOeRGAAAABgAAAAOAAAAYXJjaGl2ZS9kYXRhLzAAAAAAAACAPwAAAEAAAEBAAACAQAAAoEBQSwMEFAAAAAAAL7R4XZvWK+cIAAAACAAAAA4AAABhcmNoaXZlL2Rh"
        + "dGEvMfn/////////UEsDBBQAAAAAAC+0eF0TYL3DBAAAAAQAAAAOAAAAYXJjaGl2ZS9kYXRhLzIAPgC0UEsDBBQAAAAAAC+0eF0/RjeIBAAAAAQAAAAOAAAAYXJjaGl2ZS9kYXRhLzOA"
        + "P0DAUEsDBBQAAAAAAC+0eF3RnmdVAgAAAAIAAAAPAAAAYXJjaGl2ZS92ZXJzaW9uMwpQSwECFAMUAAAAAAAvtHhdvKCyB+ICAADiAgAAEAAAAAAAAAAAAAAAgAEAAAAAYXJjaGl2ZS9k"
        + "YXRhLnBrbFBLAQIUAxQAAAAAAC+0eF2FPeMZBgAAAAYAAAARAAAAAAAAAAAAAACAARADAABhcmNoaXZlL2J5dGVvcmRlclBLAQIUAxQAAAAAAC+0eF0XkOeRGAAAABgAAAAOAAAAAAAA"
        + "AAAAAACAAUUDAABhcmNoaXZlL2RhdGEvMFBLAQIUAxQAAAAAAC+0eF2b1ivnCAAAAAgAAAAOAAAAAAAAAAAAAACAAYkDAABhcmNoaXZlL2RhdGEvMVBLAQIUAxQAAAAAAC+0eF0TYL3D"
        + "BAAAAAQAAAAOAAAAAAAAAAAAAACAAb0DAABhcmNoaXZlL2RhdGEvMlBLAQIUAxQAAAAAAC+0eF0/RjeIBAAAAAQAAAAOAAAAAAAAAAAAAACAAe0DAABhcmNoaXZlL2RhdGEvM1BLAQIU"
        + "AxQAAAAAAC+0eF3RnmdVAgAAAAIAAAAPAAAAAAAAAAAAAACAAR0EAABhcmNoaXZlL3ZlcnNpb25QSwUGAAAAAAcABwCqAQAATAQAAAAA";

    private const string Opcodes = "(.0N}]tuQRcqhXKMJ)\x80\x85\x86\x8a\x89";

    private readonly string _folder = Directory.CreateTempSubdirectory("torch").FullName;

    private string FilePath => Path.Combine(_folder, "a.pth");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_pickled_by_python_is_read()
    {
        File.WriteAllBytes(FilePath, Convert.FromBase64String(FromPython));
        using var file = TorchCheckpoint.Open(FilePath);
        Assert.Equal(["w", "wt", "tail", "n", "h", "b"], file.Tensors.Select(t => t.Name["state_dict.".Length..]));
        Assert.All(file.Tensors, t => Assert.Equal("state_dict", t.Container));
        Assert.Equal([0, 1, 2, 3, 4, 5], Floats(file, "state_dict.w"));
        Assert.Equal([0, 3, 1, 4, 2, 5], Floats(file, "state_dict.wt"));
        Assert.Equal([4, 5], Floats(file, "state_dict.tail"));
        Assert.Equal([1.5f, -0.25f], Floats(file, "state_dict.h"));
        Assert.Equal([1, -3], Floats(file, "state_dict.b"));
        var whole = new long[1];
        file.CopyTo(file.Find("state_dict.n")!, 0, whole);
        Assert.Equal(-7, whole[0]);
        Assert.Equal(("I64", 0), (file.Find("state_dict.n")!.Dtype, file.Find("state_dict.n")!.Shape.Length));
    }

    [Theory]
    [InlineData(false, "little")]
    [InlineData(true, "little")]
    [InlineData(false, null)]
    public void A_file_composed_from_the_definition_is_read(bool zip64, string? order)
    {
        var writer = new TorchWriter { Zip64 = zip64, ByteOrder = order };
        var shared = writer.Storage(Enumerable.Range(0, 12).Select(i => (float)i).ToArray());
        writer.Dictionary(ordered: true)
            .Text("all").Tensor(shared, "Float", 12, 0, [3, 4], [4, 1])
            .Text("column").Tensor(shared, "Float", 12, 1, [3], [4])
            .Text("repeated").Tensor(shared, "Float", 12, 5, [2, 2], [0, 0])
            .Text("half").Tensor(writer.Storage((Half)1, (Half)(-65504)), "Half", 2, 0, [2], [1])
            .Text("empty").Tensor(writer.Storage<float>(), "Float", 0, 0, [0, 5], [5, 1])
            .Text("scalar").Tensor(writer.Storage(2.5), "Double", 1, 0, [], [])
            .Close().Write(FilePath);
        using var file = WeightsFile.Open(FilePath);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (float)i), Floats(file, "all"));
        Assert.Equal([1, 5, 9], Floats(file, "column"));
        Assert.Equal([5, 5, 5, 5], Floats(file, "repeated"));
        Assert.Equal([1, -65504], Floats(file, "half"));
        Assert.Empty(Floats(file, "empty"));
        Assert.Equal([2.5f], Floats(file, "scalar"));
        Assert.Null(file.Find("none"));
    }

    [Fact]
    public void Bytes_in_big_endian_order_are_reversed()
    {
        var writer = new TorchWriter { ByteOrder = "big" };
        writer.Dictionary().Text("a").Tensor(writer.Storage((byte[])[0x3F, 0x80, 0, 0, 0xC0, 0x40, 0, 0]), "Float", 2, 0, [2], [1]).Close().Write(FilePath);
        using var file = WeightsFile.Open(FilePath);
        Assert.Equal([1, -3], Floats(file, "a"));
        new TorchWriter { ByteOrder = "middle" }.Dictionary().Close().Write(FilePath);
        Assert.Contains("middle", Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 60)]
    public Property Any_strides_and_offset_give_the_same_elements_as_torch() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte A, byte B, byte C, byte SA, byte SB, byte SC, byte Offset)>(),
        x =>
        {
            using var scope = torch.NewDisposeScope();
            long[] size = [x.A % 4, x.B % 4, x.C % 4];
            long[] stride = [x.SA % 9, x.SB % 9, x.SC % 9];
            var offset = x.Offset % 7L;
            var elements = offset + size.Zip(stride, (n, s) => Math.Max(0, n - 1) * s).Sum() + 1;
            var values = Enumerable.Range(0, (int)elements).Select(i => (float)i).ToArray();
            var writer = new TorchWriter();
            writer.Dictionary().Text("a").Tensor(writer.Storage(values), "Float", elements, offset, size, stride).Close().Write(FilePath);
            using var file = WeightsFile.Open(FilePath);
            var expected = torch.tensor(values).as_strided(size, stride, offset).contiguous();
            var found = Floats(file, "a");
            var half = new float[found.Length / 2];
            file.CopyTo(file.Find("a")!, found.Length - half.Length, half);
            return found.SequenceEqual(expected.numel() == 0 ? [] : expected.data<float>().ToArray()) && half.SequenceEqual(found.TakeLast(half.Length));
        });

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "exec")]
    [InlineData("torch.nn.modules.conv", "Conv2d")]
    [InlineData("numpy.core.multiarray", "scalar")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    public void Every_other_global_is_refused_by_name(string module, string name)
    {
        new TorchWriter().Dictionary().Text("a").Global(module, name).Raw("(").Text("touch /tmp/was-run").Raw("tR").Close().Write(FilePath);
        var refusal = Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message;
        Assert.Contains($"{module}.{name}", refusal, StringComparison.Ordinal);
        Assert.Contains(FilePath, refusal, StringComparison.Ordinal);
        Assert.Contains("state_dict()", refusal, StringComparison.Ordinal);

        // The same with STACK_GLOBAL, the opcode of protocol 4.
        new TorchWriter().Text(module).Text(name).Raw(0x93).Raw(")R").Write(FilePath);
        Assert.Contains($"{module}.{name}", Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("i")] // INST calls a class by name
    [InlineData("o")] // OBJ calls a class on the stack
    [InlineData("P")] // PERSID as text
    [InlineData("\u0082")] // EXT1 looks a function up in a registry
    [InlineData("\u0097")] // NEXT_BUFFER
    public void Opcodes_that_tensors_do_not_need_are_refused(string opcode)
    {
        new TorchWriter().Raw("(").Raw(opcode).Raw("os\nsystem\n").Write(FilePath);
        Assert.Contains($"0x{(int)opcode[0]:X2}", Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 0, new long[] { 7 }, new long[] { 1 }, "beyond")]
    [InlineData(6, 1, new long[] { 6 }, new long[] { 1 }, "beyond")]
    [InlineData(6, 0, new long[] { 2, 2 }, new long[] { 5, 1 }, "beyond")]
    [InlineData(6, 0, new long[] { long.MaxValue, long.MaxValue, 4 }, new long[] { 0, 0, 0 }, "beyond")]
    [InlineData(6, 0, new long[] { 3 }, new long[] { long.MaxValue }, "beyond")]
    [InlineData(6, long.MaxValue, new long[] { 2 }, new long[] { long.MaxValue }, "beyond")]
    [InlineData(6, -1, new long[] { 2 }, new long[] { 1 }, "impossible")]
    [InlineData(6, 0, new long[] { -2 }, new long[] { 1 }, "impossible")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { -1 }, "impossible")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { 1, 1 }, "impossible")]
    [InlineData(7, 0, new long[] { 2 }, new long[] { 1 }, "24 bytes")]
    [InlineData(-1, 0, new long[] { 2 }, new long[] { 1 }, "24 bytes")]
    [InlineData(long.MaxValue, 0, new long[] { 2 }, new long[] { 1 }, "24 bytes")]
    public void A_tensor_beyond_its_storage_is_refused(long elements, long offset, long[] size, long[] stride, string fault)
    {
        var writer = new TorchWriter();
        writer.Dictionary().Text("a").Tensor(writer.Storage(new float[6]), "Float", elements, offset, size, stride).Close().Write(FilePath);
        Assert.Contains(fault, Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_that_contain_themselves_or_share_without_end_are_read_within_limits()
    {
        // d["d"] = d
        new TorchWriter().Raw("}").Raw((byte)'q', 200).Text("d").Raw((byte)'h', 200).Raw("s").Write(FilePath);
        using (var file = WeightsFile.Open(FilePath))
        {
            Assert.Empty(file.Tensors);
        }

        // Eight dictionaries, each containing the next one two hundred times: 200 ** 8 paths.
        var writer = new TorchWriter();
        writer.Raw("}").Raw((byte)'q', 200).Raw("0");
        for (byte level = 201; level < 209; level++)
        {
            writer.Raw("}").Raw((byte)'q', level).Raw("(");
            for (var i = 0; i < 200; i++)
            {
                writer.Raw("U").Raw(3).Raw($"{i:000}").Raw((byte)'h', (byte)(level - 1));
            }

            writer.Raw("u0");
        }

        writer.Raw((byte)'h', 208).Write(FilePath);
        Assert.Contains("entries", Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_not_checkpoints_are_refused_with_their_kind()
    {
        Refused(new TorchWriter { Method = 8 }.Dictionary().Close().Bytes(), "compressed");
        var script = new TorchWriter();
        script.More.Add(("archive/constants.pkl", [0x80, 2, (byte)'N', (byte)'.']));
        Refused(script.Dictionary().Close().Bytes(), "TorchScript");
        Refused([0x80, 2, 0x8A, 10, 0x6C, 0xFC], "before version 1.6");
        Refused([0x1F, 0x8B, 8], "gzip");
        Refused("version https://git-lfs.github.com/spec/v1\n"u8.ToArray(), "Git LFS");
        Refused([.. "PK\x03\x04"u8], "incomplete");
        Refused(new TorchWriter { Root = "a/b" }.Dictionary().Close().Bytes(), "data.pkl");
        Refused(new TorchWriter().Tuple(1, 2).Bytes(), "no dictionary");
        Refused(new TorchWriter().Dictionary().Text("a").Tensor(3, "Float", 1, 0, [1], [1]).Close().Bytes(), "archive/data/3 is missing");
        var whole = new TorchWriter().Dictionary().Tensor("a", 1, 2, 3).Close().Bytes();
        for (var length = 0; length < whole.Length; length += 7)
        {
            Refused(whole[..length], FilePath);
        }

        void Refused(byte[] bytes, string fault)
        {
            File.WriteAllBytes(FilePath, bytes);
            Assert.Contains(fault, Assert.Throws<RefusalException>(() => WeightsFile.Open(FilePath)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_thousand_damaged_files_are_refused_or_read_within_their_bounds()
    {
        var writer = new TorchWriter();
        var shared = writer.Storage(1f, 2, 3, 4, 5, 6);
        var good = writer.Dictionary().Text("epoch").Number(3).Text("state_dict").Dictionary(ordered: true)
            .Text("w").Tensor(shared, "Float", 6, 0, [2, 3], [3, 1]).Text("t").Tensor(shared, "Float", 6, 0, [3, 2], [1, 3])
            .Text("n").Tensor(writer.Storage(5L), "Long", 1, 0, [], []).Close().Close().Bytes();
        var (pickleStart, pickleEnd) = (64, 64 + 520);
        var (refused, read) = (0, 0);
        for (var i = 0; i < 1000; i++)
        {
            var chance = KeyedRandom.For(i, 0, 0, "damage");
            var bytes = good.ToArray();
            for (var edits = chance.NextInteger(1, 4); edits > 0; edits--)
            {
                // Mostly in the pickle, then in the directory at the end, where a reader can make mistakes.
                var at = chance.NextInteger(0, 10) switch
                {
                    < 6 => chance.NextInteger(pickleStart, Math.Min(pickleEnd, bytes.Length)),
                    < 9 => chance.NextInteger(bytes.Length * 2 / 3, bytes.Length),
                    _ => chance.NextInteger(0, bytes.Length),
                };
                switch (chance.NextInteger(0, 4))
                {
                    case 0: bytes[at] = (byte)chance.NextInteger(0, 256); break;
                    case 1: bytes[at] = (byte)Opcodes[chance.NextInteger(0, Opcodes.Length)]; break;
                    case 2: bytes[at] ^= (byte)(1 << chance.NextInteger(0, 8)); break;
                    default: bytes[at] = bytes[chance.NextInteger(0, bytes.Length)]; break;
                }
            }

            File.WriteAllBytes(FilePath, bytes);
            try
            {
                using var file = WeightsFile.Open(FilePath);
                foreach (var entry in file.Tensors.Where(t => t.Count <= 1_000_000))
                {
                    Assert.InRange(entry.Begin, 0, bytes.Length);
                    Assert.InRange(entry.End, entry.Begin, bytes.Length);
                    if (entry is { Dtype: "F32", Count: 6 })
                    {
                        // The values are those of the storage, for any position and strides.
                        var storage = Enumerable.Range(0, (int)(entry.End - entry.Begin) / 4)
                            .Select(n => BitConverter.ToSingle(bytes, (int)entry.Begin + (4 * n)));
                        Assert.All(Floats(file, entry.Name), v => Assert.Contains(v, storage));
                    }
                }

                read++;
            }
            catch (RefusalException e)
            {
                Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 300, 990);
        Assert.Equal(1000, refused + read);
    }

    [Fact]
    public void The_checkpoint_of_a_training_program_is_loaded_with_its_average()
    {
        var architecture = SmallModels.Network(classes: 3);
        using var plain = ModelWeights.Fresh(architecture, 1);
        using var average = ModelWeights.Fresh(architecture, 2);
        var writer = new TorchWriter();
        writer.Dictionary().Text("epoch").Number(12).Text("arch").Text("resnet18").Text("optimizer").Dictionary().Tensor("exp_avg", 1, 2).Close()
            .Text("state_dict").Dictionary(ordered: true);
        Put(plain, "module.");
        writer.Close().Text("state_dict_ema").Dictionary(ordered: true);
        Put(average, "");
        writer.Close().Close().Write(FilePath);
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.Equal("state_dict_ema.", report.Prefix);
            Assert.Equal(["state_dict.module."], report.OtherCopies);
            Assert.Equal(["optimizer"], report.OtherContainers);
            Assert.All(average.Tensors.Zip(loaded.Tensors), p => Assert.True(p.First.Same(p.Second)));
        }

        void Put(ModelWeights weights, string prefix)
        {
            foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
            {
                long[] shape = [.. spec.Shape];
                var strides = new long[shape.Length];
                for (var (d, step) = (shape.Length - 1, 1L); d >= 0; step *= shape[d--])
                {
                    strides[d] = step;
                }

                writer.Text(prefix + spec.Name).Tensor(
                    writer.Storage(tensor.bytes.ToArray()), spec.Role == TensorRole.Counter ? "Long" : "Float", tensor.numel(), 0, shape, strides);
            }
        }
    }

    private static float[] Floats(TensorFile file, string name)
    {
        var entry = file.Find(name)!;
        var values = new float[entry.Count];
        file.CopyTo(entry, 0, values);
        return values;
    }
}
