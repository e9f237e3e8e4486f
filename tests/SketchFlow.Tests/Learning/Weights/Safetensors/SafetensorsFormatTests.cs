using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Weights.Safetensors;

public sealed class SafetensorsFormatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;

    private string FilePath => Path.Combine(_folder, "a.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Written_tensors_are_read_back_in_order_and_aligned()
    {
        using var scope = torch.NewDisposeScope();
        (string, torch.Tensor)[] tensors =
        [
            ("b.weight", torch.randn(3, 5)),
            ("counter", torch.tensor(7L)),
            ("a \"quoted\" – name", torch.randn(2, 3, 4).permute(2, 0, 1)),
            ("half", torch.tensor([1f, -0.5f, 65504f]).to(torch.ScalarType.Float16)),
            ("brain", torch.tensor([1f, -3f, 1e30f]).to(torch.ScalarType.BFloat16)),
            ("flags", torch.tensor([true, false, true])),
            ("empty", torch.zeros(0, 4)),
            ("double", torch.tensor([Math.PI])),
        ];
        SafetensorsFormat.Write(FilePath, tensors, new Dictionary<string, string>(StringComparer.Ordinal) { ["run"] = "r1" });
        using var file = SafetensorsFormat.Open(FilePath);
        Assert.Equal(tensors.Select(t => t.Item1), file.Tensors.Select(t => t.Name));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("r1", file.Metadata["run"]);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(FilePath)) % 8);
        foreach (var (name, tensor) in tensors)
        {
            var entry = file.Find(name)!;
            Assert.Equal(tensor.shape, entry.Shape);
            Assert.Equal(0, entry.Begin % Math.Max(1, tensor.element_size()));
            var bytes = new byte[entry.End - entry.Begin];
            file.CopyTo(entry, 0, bytes);
            Assert.Equal(tensor.numel() == 0 ? [] : tensor.contiguous().bytes.ToArray(), bytes);
            if (entry.Count > 0 && entry.Dtype is "F16" or "BF16" or "F64" or "F32")
            {
                var floats = new float[entry.Count];
                file.CopyTo(entry, 0, floats);
                Assert.Equal(tensor.to(torch.ScalarType.Float32).contiguous().data<float>().ToArray(), floats);
            }
        }
    }

    /// <summary>Every byte follows the page of the format (github.com/huggingface/safetensors, "Format"); none is from our writer.</summary>
    [Fact]
    public void A_file_composed_byte_by_byte_is_read()
    {
        const string Header = """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},"""
            + """ "h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"""
            + """ "n":{"dtype":"I64","shape":[],"data_offsets":[12,20]}}   """;
        byte[] length = [(byte)Header.Length, (byte)(Header.Length >> 8), 0, 0, 0, 0, 0, 0];
        byte[] data =
        [
            0x00, 0x3E, // half 1.5: exponent 15, mantissa 0.5
            0x40, 0xC0, // bfloat16 -3
            0x00, 0x00, 0x80, 0x3F, // float 1
            0x00, 0x00, 0x20, 0xC1, // float -10
            0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, // int64 -2
        ];
        File.WriteAllBytes(FilePath, [.. length, .. Encoding.UTF8.GetBytes(Header), .. data]);
        using var file = WeightsFile.Open(FilePath);
        Assert.Equal(["w", "h", "b", "n"], file.Tensors.Select(t => t.Name));
        Assert.Equal([2L, 1L], file.Find("w")!.Shape);
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (var (name, values) in new (string, float[])[] { ("w", [1, -10]), ("h", [1.5f]), ("b", [-3]) })
        {
            var read = new float[values.Length];
            file.CopyTo(file.Find(name)!, 0, read);
            Assert.Equal(values, read);
        }

        var counter = new long[1];
        file.CopyTo(file.Find("n")!, 0, counter);
        Assert.Equal(-2, counter[0]);
        Assert.Throws<RefusalException>(() => file.CopyTo(file.Find("w")!, 0, counter));
        Assert.Throws<RefusalException>(() => file.CopyTo(file.Find("n")!, 0, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(file.Find("w")!, 1, new float[2]));
    }

    [Fact]
    public void Shards_are_opened_as_one_file_and_a_wrong_index_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        var (one, two) = (Path.Combine(_folder, "model-00001-of-00002.safetensors"), Path.Combine(_folder, "model-00002-of-00002.safetensors"));
        var index = Path.Combine(_folder, ShardIndex.FileName);
        SafetensorsFormat.Write(one, [("a", torch.arange(Keep(0), Keep(6), Keep(1), torch.ScalarType.Float32).reshape(2, 3)), ("c", torch.tensor(4L))]);
        SafetensorsFormat.Write(two, [("b", torch.ones(2))]);
        Index(("a", one), ("c", one), ("b", two));
        foreach (var path in new[] { index, _folder })
        {
            using var file = WeightsFile.Open(path);
            Assert.Equal(["a", "c", "b"], file.Tensors.Select(t => t.Name));
            var values = new float[6];
            file.CopyTo(file.Find("a")!, 0, values);
            Assert.Equal([0, 1, 2, 3, 4, 5], values);
        }

        Refused("'c', which", ("a", one), ("b", two));
        Refused("assigns to model-00002-of-00002.safetensors", ("a", one), ("c", two), ("b", two));
        Refused("'d' to model-00002-of-00002.safetensors, which does not contain it", ("a", one), ("c", one), ("b", two), ("d", two));
        Refused("cannot be opened", ("a", "gone.safetensors"));
        Refused("expected the name of a file in the same folder", ("a", "/../evil.safetensors"));
        string[] invalid =
        [
            "[]", "{}", """{"weight_map": []}""", """{"weight_map": {"a": 1}}""", """{"weight_map": {"a": "\ud800"}}""",
            """{"weight_map": {"a": "x", "a": "y"}}""", "{",
        ];
        foreach (var text in invalid)
        {
            File.WriteAllText(index, text);
            Assert.Contains(index, Assert.Throws<RefusalException>(() => WeightsFile.Open(index)).Message, StringComparison.Ordinal);
        }

        void Index(params (string Name, string File)[] map) => File.WriteAllText(index, System.Text.Json.JsonSerializer.Serialize(new
        {
            metadata = new { total_size = 40 },
            weight_map = map.ToDictionary(
                m => m.Name, m => m.File.StartsWith("/..", StringComparison.Ordinal) ? m.File : Path.GetFileName(m.File), StringComparer.Ordinal),
        }));

        void Refused(string expected, params (string Name, string File)[] map)
        {
            Index(map);
            Assert.Contains(expected, Assert.Throws<RefusalException>(() => WeightsFile.Open(index)).Message, StringComparison.Ordinal);
        }
    }

    [Property(MaxTest = 60)]
    public Property Any_set_of_named_tensors_is_read_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<Dictionary<NonNull<string>, byte>>(),
        named =>
        {
            using var scope = torch.NewDisposeScope();
            var tensors = named
                .Where(p => p.Key.Get != "__metadata__" && !p.Key.Get.Any(char.IsSurrogate))
                .Select(p => (
                    Name: p.Key.Get,
                    Tensor: torch.arange(Keep(0), Keep(p.Value % 11), Keep(1)).to(p.Value % 2 == 0 ? torch.ScalarType.Float32 : torch.ScalarType.Int64)))
                .DistinctBy(p => p.Name, StringComparer.Ordinal).ToList();
            SafetensorsFormat.Write(FilePath, tensors);
            using var file = SafetensorsFormat.Open(FilePath);
            return file.Tensors.Select(t => t.Name).SequenceEqual(tensors.Select(t => t.Name), StringComparer.Ordinal)
                && tensors.TrueForAll(t => Bytes(file, t.Name).SequenceEqual(t.Tensor.numel() == 0 ? [] : t.Tensor.bytes.ToArray()));
        });

    [Fact]
    public void A_thousand_damaged_files_are_refused_or_read_exactly()
    {
        using (var scope = torch.NewDisposeScope())
        {
            SafetensorsFormat.Write(FilePath, [("first", torch.randn(2, 3)), ("count", torch.tensor(3L)), ("last", torch.randn(4))]);
        }

        var good = File.ReadAllBytes(FilePath);
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(good);
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            var chance = KeyedRandom.For(i, 0, 0, "damage");
            var bytes = good.ToList();
            for (var edits = chance.NextInteger(1, 4); edits > 0; edits--)
            {
                // Mostly in the header, where a reader can make mistakes.
                var at = chance.NextInteger(0, Math.Min(bytes.Count, chance.Happens(0.8) ? header : good.Length));
                switch (chance.NextInteger(0, 5))
                {
                    case 0: bytes[at] = (byte)chance.NextInteger(0, 256); break;
                    case 1: bytes[at] = (byte)"0123456789[]{},:\""[chance.NextInteger(0, 17)]; break;
                    case 2: bytes.Insert(at, (byte)chance.NextInteger(0, 256)); break;
                    case 3: bytes.RemoveAt(at); break;
                    default: bytes.RemoveRange(at, chance.NextInteger(0, bytes.Count - at)); break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            var damaged = bytes.ToArray();
            File.WriteAllBytes(FilePath, damaged);
            try
            {
                using var file = SafetensorsFormat.Open(FilePath);
                var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(damaged);
                foreach (var entry in file.Tensors)
                {
                    Assert.Equal(damaged[(start + (int)entry.Begin)..(start + (int)entry.End)], Bytes(file, entry.Name));
                }

                Assert.Equal(damaged.Length - start, file.Tensors.Sum(t => t.End - t.Begin));
            }
            catch (RefusalException e)
            {
                Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 500, 999);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'b'", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "'b'", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a'", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 6, "2 more follow", "byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "'a'", "incomplete")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "'a'", "F33")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}""", 4, "'a'", "96 bits")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "'a'", "-1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "'a'", "1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,16]}}""", 16, "'a'", "counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "'a'", "counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "'a'", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "'a'", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "JSON", "")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__", "strings")]
    [InlineData(""" {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "begin with '{'", "")]
    [InlineData("""[]""", 0, "begin with '{'", "")]
    public void Each_rule_of_the_format_is_checked(string header, int bytes, string subject, string fault)
    {
        Compose(header, bytes);
        var refusal = Assert.Throws<RefusalException>(() => SafetensorsFormat.Open(FilePath));
        Assert.Contains(FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(subject, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", 0, 0)]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   """, 4, 1)]
    [InlineData("""{"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},"a":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}}""", 7, 2)]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}""", 0, 1)]
    public void Everything_the_format_allows_is_read(string header, int bytes, int tensors)
    {
        Compose(header, bytes);
        using var file = SafetensorsFormat.Open(FilePath);
        Assert.Equal(tensors, file.Tensors.Length);
    }

    [Fact]
    public void A_header_longer_than_the_file_or_the_format_is_refused_before_it_is_read()
    {
        foreach (var length in new ulong[] { 100, 100_000_001, ulong.MaxValue })
        {
            var bytes = new byte[20];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            File.WriteAllBytes(FilePath, bytes);
            Assert.Contains($"{length}", Assert.Throws<RefusalException>(() => SafetensorsFormat.Open(FilePath)).Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(FilePath, [1, 2, 3]);
        Assert.Throws<RefusalException>(() => SafetensorsFormat.Open(FilePath));
        Assert.Throws<RefusalException>(() => SafetensorsFormat.Open(FilePath + ".none"));
    }

    [Fact]
    public void A_repeated_name_is_refused_and_the_old_file_is_kept()
    {
        using var scope = torch.NewDisposeScope();
        SafetensorsFormat.Write(FilePath, [("a", torch.ones(2))]);
        var before = File.ReadAllBytes(FilePath);
        Assert.Throws<RefusalException>(() => SafetensorsFormat.Write(FilePath, [("a", torch.ones(2)), ("a", torch.ones(2))]));
        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    private void Compose(string header, int bytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + bytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        File.WriteAllBytes(FilePath, file);
    }

    private static byte[] Bytes(SafetensorsFile file, string name)
    {
        var entry = file.Find(name)!;
        var bytes = new byte[entry.End - entry.Begin];
        file.CopyTo(entry, 0, bytes);
        return bytes;
    }
}
