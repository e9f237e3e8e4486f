using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Pipeline.Preparing;

/// <summary>Archives from strangers: nothing is written outside, no class merges with another, and what is not used is listed.</summary>
public sealed class UntrustedArchivesTests : IDisposable
{
    private static readonly byte[] _image = PublishedImages.Drawings(1)[0];

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder["out/data"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_in_cp949_are_refused_with_their_encoding_or_read_in_it()
    {
        var zip = Case("12-zip-cp949.zip");
        var refusal = Refused(zip, new PreparationOptions { Classes = 2 });
        Assert.Contains("are not UTF-8 but perhaps cp949; give their encoding, such as --encoding cp949", refusal, StringComparison.Ordinal);
        Prepare(zip, new PreparationOptions { Classes = 3, Encoding = "cp949" });
        Assert.Equal(
            ["dog", "강아지", "고양이"],
            File.ReadAllLines(Path.Combine(Target, "train.csv")).Skip(1).Select(l => l.Split(',')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_encrypted_archive_is_named()
    {
        var refusal = Refused(Case("13-zip-encrypted.zip"), new PreparationOptions { Classes = 2 });
        Assert.Contains("is encrypted; unpack the archive with its password", refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void A_member_with_a_NUL_in_its_name_is_skipped_and_named()
    {
        var report = Prepare(Case("nul.zip"), new PreparationOptions { Classes = 2 });
        Assert.Equal(2, report.RejectedCount);
        Assert.All(report.Rejected, r => Assert.Equal("its name has a control character", r.Reason));
        Assert.Contains("its name has a control character", File.ReadAllText(report.Rejections), StringComparison.Ordinal);
        Assert.Equal($"{Target}.rejected.csv", report.Rejections);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("tgz")]
    [InlineData("zip")]
    public void Tar_and_zip_become_the_same_data_set(string kind)
    {
        var drawings = PublishedImages.Drawings(12);
        var members = Enumerable.Range(0, 12).Select(i => ($"top/c{i % 2}/{i}.png", drawings[i])).ToList();
        WriteZip("reference.zip", members);
        DataPreparation.Run(new PreparationOptions { Classes = 2 }, _folder["reference.zip"], _folder["reference"], (_, _) => { });
        if (kind == "zip")
        {
            WriteZip("a.zip", members);
        }
        else
        {
            WriteTar($"a.{kind}", members);
        }

        var report = Prepare(_folder[$"a.{kind}"], new PreparationOptions { Classes = 2 });
        Assert.Empty(report.Rejected);
        Assert.False(File.Exists(report.Rejections));
        var files = Directory.EnumerateFiles(_folder["reference"], "*", SearchOption.AllDirectories);
        foreach (var file in files.Where(f => !f.EndsWith(".json", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(Target, Path.GetRelativePath(_folder["reference"], file))));
        }
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public void Paths_that_leave_the_folder_bad_names_and_links_are_listed_and_nothing_is_written_outside(string kind)
    {
        var members = new List<(string, byte[])>
        {
            ("../evil/0.png", _image), ("a/../../evil/1.png", _image), ("/../../x/2.png", _image), ("cat\u001b[2J/3.png", _image), ("alone.png", _image),
            ("..\\..\\evil\\4.png", _image),
        };
        members.AddRange(Enumerable.Range(0, 4).Select(i => ($"c{i % 2}/{i}.png", _image)));
        if (kind == "zip")
        {
            WriteZip("a.zip", members);
        }
        else
        {
            WriteTar("a.tar", members, links: [("c0/link.png", "/etc/passwd"), ("c1/gone.png", "no/such/file")]);
        }

        var before = Directory.EnumerateFileSystemEntries(_folder.Root).Count();
        var report = Prepare(_folder[$"a.{kind}"], new PreparationOptions { Classes = 2 });
        Assert.Equal(4, report.Train + report.Test);
        Assert.Equal(kind == "zip" ? 6 : 8, report.RejectedCount);
        Assert.Equal(4, report.Rejected.Count(r => r.Reason == "its path leaves the archive"));
        Assert.Equal(kind == "zip" ? 0 : 2, report.Rejected.Count(r => r.Reason == "it is a link"));
        Assert.All(report.Rejected, r => Assert.DoesNotContain(r.ToString(), char.IsControl));
        Assert.Equal(before + 1, Directory.EnumerateFileSystemEntries(_folder.Root).Count());
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(_folder["out"]).Count());
    }

    [Fact]
    public void A_link_in_a_zip_is_listed()
    {
        using (var zip = ZipFile.Open(_folder["a.zip"], ZipArchiveMode.Create))
        {
            for (var i = 0; i < 5; i++)
            {
                var entry = zip.CreateEntry($"c{i % 2}/{i}.png");
                entry.ExternalAttributes = i == 4 ? unchecked((int)0xA1FF0000) : 0;
                using var stream = entry.Open();
                stream.Write(i == 4 ? "/etc/passwd"u8 : _image);
            }
        }

        Assert.Equal("it is a link", Assert.Single(Prepare(_folder["a.zip"], new PreparationOptions { Classes = 2 }).Rejected).Reason);
    }

    [Fact]
    public void A_dangling_link_in_a_folder_is_listed()
    {
        for (var i = 0; i < 4; i++)
        {
            _folder.With($"source/c{i % 2}/{i}.png");
            File.WriteAllBytes(_folder[$"source/c{i % 2}/{i}.png"], _image);
        }

        File.CreateSymbolicLink(_folder["source/c0/gone.png"], "nowhere.png");
        var report = Prepare(_folder["source"], new PreparationOptions { Classes = 2 });
        Assert.Equal(4, report.Train + report.Test);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void What_an_archive_unpacks_to_and_its_members_are_bounded(string kind)
    {
        var zeros = new byte[3_000_000];
        var members = Enumerable.Range(0, 6).Select(i => ($"c{i % 2}/{i}.png", zeros)).ToList();
        if (kind == "zip")
        {
            WriteZip("a.zip", members);
        }
        else
        {
            WriteTar("a.tar.gz", members);
        }

        Assert.Contains(
            "unpacks to more than 0.01 GB; set another limit with --max-gigabytes",
            Refused(_folder[$"a.{kind}"], new PreparationOptions { Classes = 2, MaxGigabytes = 0.01 }), StringComparison.Ordinal);
        Assert.Contains(
            "has more than 5 members; set another limit with --max-files",
            Refused(_folder[$"a.{kind}"], new PreparationOptions { Classes = 2, MaxFiles = 5 }), StringComparison.Ordinal);
        var report = Prepare(_folder[$"a.{kind}"], new PreparationOptions { Classes = 2, MaxGigabytes = 0.02, MaxFiles = 6 });
        Assert.Equal(6, report.Train + report.Test);
    }

    [Fact]
    public void A_member_that_is_longer_than_its_directory_says_is_damaged()
    {
        WriteZip("a.zip", [.. Enumerable.Range(0, 4).Select(i => ($"c{i % 2}/{i}.png", new byte[1000]))]);
        var bytes = File.ReadAllBytes(_folder["a.zip"]);
        for (var at = 0; bytes.AsSpan(at).IndexOf("PK\u0001\u0002"u8) is >= 0 and var next; at += next + 4)
        {
            BitConverter.GetBytes(10).CopyTo(bytes, at + next + 24);
        }

        File.WriteAllBytes(_folder["a.zip"], bytes);
        Assert.Contains("is damaged", Refused(_folder["a.zip"], new PreparationOptions { Classes = 2 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12)] // bzip2
    [InlineData(14)] // LZMA
    [InlineData(93)] // Zstandard
    [InlineData(95)] // xz
    public void An_unsupported_compression_is_named(int method)
    {
        WriteZip("a.zip", [.. Enumerable.Range(0, 4).Select(i => ($"c{i % 2}/{i}.png", _image))]);
        var bytes = File.ReadAllBytes(_folder["a.zip"]);
        for (var at = 0; at < bytes.Length - 12; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
            {
                bytes[at + 10] = (byte)method;
            }
            else if (bytes.AsSpan(at).StartsWith("PK\u0003\u0004"u8))
            {
                bytes[at + 8] = (byte)method;
            }
        }

        File.WriteAllBytes(_folder["a.zip"], bytes);
        Assert.Contains(
            "is compressed by a method that is not supported", Refused(_folder["a.zip"], new PreparationOptions { Classes = 2 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_names_are_shortened_and_told_apart()
    {
        var (name, place) = (new string('ß', 120), new string('漢', 80));
        WriteZip("a.zip", [.. Enumerable.Range(0, 4).Select(i => ($"{place}{i % 2}/{name}{i}.png", _image))]);
        var report = Prepare(_folder["a.zip"], new PreparationOptions { Classes = 2 });
        Assert.Equal(4, report.Train + report.Test);
        var folders = Directory.EnumerateDirectories(Path.Combine(Target, "train")).Select(d => Path.GetFileName(d)!).ToList();
        Assert.Equal(2, folders.Count);
        Assert.All(folders, f => Assert.True(Encoding.UTF8.GetByteCount(f) <= 200));
    }

    [Fact]
    public void Many_members_of_one_name_take_linear_time()
    {
        const int Count = 20_000;
        using (var zip = ZipFile.Open(_folder["a.zip"], ZipArchiveMode.Create))
        {
            for (var i = 0; i < Count; i++)
            {
                zip.CreateEntry($"{i}/c/same.png", CompressionLevel.NoCompression);
            }
        }

        var watch = Stopwatch.StartNew();
        Assert.Contains("found 1 (of 1 classes)", Refused(_folder["a.zip"], new PreparationOptions { Classes = 2 }), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public void Members_of_one_name_are_told_apart()
    {
        WriteZip("a.zip", [.. Enumerable.Range(0, 12).Select(i => ($"{i / 2}/c{i % 2}/same.png", _image))]);
        Prepare(_folder["a.zip"], new PreparationOptions { Classes = 2, Train = 0.99 });
        var names = Directory.EnumerateFiles(Path.Combine(Target, "train"), "*.png", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)!).Distinct();
        Assert.Subset(
            new HashSet<string>(StringComparer.Ordinal) { "same.png", "_same.png", "__same.png", "_3_same.png", "_4_same.png", "_5_same.png" },
            names.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void Composed_and_decomposed_names_are_one_class()
    {
        string[] names = ["e\u0301t\u00e9", "\u00e9te\u0301", "dog"];
        WriteZip("a.zip", [.. Enumerable.Range(0, 6).Select(i => ($"{names[i % 3]}/{i}.png", _image))]);
        Prepare(_folder["a.zip"], new PreparationOptions { Classes = 2 });
        Assert.Equal(
            [ComposedNames.Compose("\u00e9t\u00e9"), "dog"],
            File.ReadAllLines(Path.Combine(Target, "train.csv")).Skip(1).Select(l => l.Split(',')[0]).Distinct()
                .OrderByDescending(n => n, StringComparer.Ordinal));
    }

    [Fact]
    public void Attributes_of_a_tar_file_that_unpack_to_much_memory_are_refused()
    {
        using (var gzip = new GZipStream(File.Create(_folder["a.tar.gz"]), CompressionLevel.Fastest))
        {
            var header = new byte[512];
            "././@PaxHeader"u8.CopyTo(header);
            Encoding.ASCII.GetBytes("00000000644").CopyTo(header, 100);
            Encoding.ASCII.GetBytes("17777777777").CopyTo(header, 124);
            header[156] = (byte)'x';
            "ustar\0"u8.CopyTo(header.AsSpan(257));
            "00"u8.CopyTo(header.AsSpan(263));
            header.AsSpan(148, 8).Fill((byte)' ');
            Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
            gzip.Write(header);
            gzip.Write(new byte[10_000_000]);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("expected at most 1048576", Refused(_folder["a.tar.gz"], new PreparationOptions { Classes = 2 }), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("zip")]
    public void A_damaged_archive_is_refused_in_one_sentence(string kind)
    {
        var members = Enumerable.Range(0, 8).Select(i => ($"c{i % 2}/{i}.png", _image)).ToList();
        if (kind == "zip")
        {
            WriteZip("a.zip", members);
        }
        else
        {
            WriteTar($"a.{kind}", members);
        }

        var whole = File.ReadAllBytes(_folder[$"a.{kind}"]);
        var random = new Random(5);
        for (var i = 0; i < 40; i++)
        {
            var bytes = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (var change = 0; bytes.Length > 0 && change < i % 2 * 8; change++)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            var file = _folder[$"b{i}.{kind}"];
            File.WriteAllBytes(file, bytes);
            try
            {
                DataPreparation.Run(new PreparationOptions { Classes = 2 }, file, _folder[$"out{i}/d"], (_, _) => { });
            }
            catch (RefusalException e)
            {
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
            }

            Assert.False(Directory.Exists(_folder[$"out{i}"]) && Directory.EnumerateFiles(_folder[$"out{i}"], "*.tmp", SearchOption.AllDirectories).Any());
        }
    }

    private static string Case(string name) => Path.Combine(Reference.Folder, "cases", "archives", name);

    private PreparationReport Prepare(string source, PreparationOptions options) => DataPreparation.Run(options, source, Target, (_, _) => { });

    private string Refused(string source, PreparationOptions options) => Assert.Throws<RefusalException>(() => Prepare(source, options)).Message;

    private void WriteZip(string name, IEnumerable<(string Path, byte[] Bytes)> members)
    {
        using var zip = ZipFile.Open(_folder[name], ZipArchiveMode.Create);
        foreach (var (path, bytes) in members)
        {
            using var stream = zip.CreateEntry(path).Open();
            stream.Write(bytes);
        }
    }

    private void WriteTar(string name, IEnumerable<(string Path, byte[] Bytes)> members, IEnumerable<(string Path, string To)>? links = null)
    {
        using Stream file = File.Create(_folder[name]);
        using var stream = name.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(stream);
        foreach (var (path, bytes) in members)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(bytes) });
        }

        foreach (var (path, to) in links ?? [])
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = to });
        }
    }
}
