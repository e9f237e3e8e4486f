using System.Reflection;
using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Installation;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Installation;

/// <summary>libtorch is fetched as a package: whole or not at all, the one that the program was built with, from the sources of NuGet.Config.</summary>
public class LibTorchCacheTests
{
    private static readonly string[] Files = [.. LibTorchCache.Members.Select(m => Path.GetFileName(m)!).Order(StringComparer.Ordinal)];

    [Property(MaxTest = 30)]
    public void Nothing_but_the_known_files_is_written_whatever_the_package_holds(NonNull<string>[] names, byte[] content)
    {
        string[] harmful = ["../outside", "/tmp/outside", "runtimes/linux-x64/native/../../x.so", "libtorch/libc10.so", "a/", "LIBC10.SO"];
        var paths = names.Select(n => n.Get).Concat(harmful);
        var package = new TestPackage(paths.Where(p => p.Length is > 0 and < 1000).Select(p => (p, p.EndsWith('/') ? [] : content)));
        using var folder = Configured(("here", "feed"));
        Put(folder, package);
        Assert.Equal(folder["caches/libtorch-2.0.0"], Cache(folder, package).Fetch());
        Assert.Equal(Files, Directory.GetFileSystemEntries(folder["caches/libtorch-2.0.0"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.All(LibTorchCache.Members, m => Assert.Equal(
            TestPackage.Content(m), File.ReadAllBytes(Path.Combine(folder["caches/libtorch-2.0.0"], Path.GetFileName(m)))));
        var around = Directory.GetFileSystemEntries(folder.Root).Select(f => Path.GetFileName(f));
        Assert.Equal(["caches", "feed", "nuget.config"], around.Order(StringComparer.Ordinal));
        AssertClean(folder);
    }

    [Fact]
    public void It_is_fetched_once_from_a_server_with_its_progress()
    {
        var package = new TestPackage();
        using var feed = new TestFeed(package.Bytes);
        using var folder = Configured(("here", feed.Index));
        var (opened, log) = (new List<string>(), new List<string>());
        var cache = new LibTorchCache(package.Locked, folder["caches"], folder.Root)
        {
            Progress = (title, total, unit, _) =>
            {
                opened.Add($"{title} {total} {unit}");
                return SketchFlow.Pipeline.Jobs.NoProgress.Factory("", 0, "");
            },
            Log = log.Add,
        };
        Assert.Null(cache.Find());
        Assert.Equal(cache.Fetch(), cache.Fetch());
        Assert.Equal(cache.Folder, cache.Find());
        Assert.Equal(1, feed.Downloads);
        Assert.Equal(["libtorch 2.0.0 1 MB"], opened);
        Assert.Equal(
            ["Fetching libtorch 2.0.0 once (NuGet package small-torch).", $"libtorch 2.0.0 is in {cache.Folder}, for all later runs."], log);
        AssertClean(folder);
    }

    [Fact]
    public async Task Several_programs_at_the_same_time_download_it_once()
    {
        var package = new TestPackage();
        using var feed = new TestFeed(package.Bytes);
        using var folder = Configured(("here", feed.Index));
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(Cache(folder, package).Fetch)).ToList();
        Assert.Single((await Task.WhenAll(tasks)).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, feed.Downloads);
        AssertClean(folder);
    }

    [Fact]
    public void The_next_source_is_asked_where_one_has_another_or_none()
    {
        var package = new TestPackage();
        using var other = new TestFeed(new TestPackage([("x", [1])]).Bytes);
        using var empty = new TestFeed(response => response.StatusCode = 404);
        using var garbage = new TestFeed([1, 2, 3]);
        using var good = new TestFeed(package.Bytes);
        using var folder = Configured(
            ("other", other.Index), ("empty", empty.Index), ("garbage", garbage.Index), ("missing", "no-folder"), ("good", good.Index));
        Assert.Equal(folder["caches/libtorch-2.0.0"], Cache(folder, package).Fetch());
        Assert.Equal((1, 1, 1, 1), (other.Downloads, empty.Downloads, garbage.Downloads, good.Downloads));
        AssertClean(folder);
    }

    [Fact]
    public void A_wrong_incomplete_or_large_package_is_refused_with_the_reason_of_each_source_and_leaves_nothing()
    {
        var package = new TestPackage();
        var lacking = new TestPackage(without: LibTorchCache.Members[0]);
        using var other = new TestFeed(lacking.Bytes);
        using var empty = new TestFeed(response => response.StatusCode = 404);
        using var cut = new TestFeed(response =>
        {
            response.ContentLength = package.Bytes.Length;
            response.Body.Write(package.Bytes.AsSpan(0, package.Bytes.Length / 2));
            throw new InvalidOperationException("closed early");
        });
        using var folder = Configured(("other", other.Index), ("empty", empty.Index), ("cut", cut.Index));
        var refused = Refused(Cache(folder, package));
        const string Start = "This command needs libtorch 2.0.0, which is fetched once, and no NuGet source provides the package small-torch (";
        Assert.StartsWith(Start, refused, StringComparison.Ordinal);
        Assert.Contains("other: has another small-torch 2.0.0 than the one that the program was built with", refused, StringComparison.Ordinal);
        Assert.Contains("empty: has no small-torch 2.0.0", refused, StringComparison.Ordinal);
        Assert.Contains("cut: ", refused, StringComparison.Ordinal);
        Assert.EndsWith("or set SKETCHFLOW_LIBTORCH to the torch/lib folder of a PyTorch 2.0.0.", refused, StringComparison.Ordinal);
        Assert.Contains($"other: has a package without {LibTorchCache.Members[0]}", Refused(Cache(folder, lacking)), StringComparison.Ordinal);

        using var large = new MemoryStream();
        var tooLarge = Assert.Throws<RefusalException>(() => new BoundedWriter(large, 2_000_000).Write(new byte[2_000_001]));
        Assert.Equal("the package is larger than 2 MB", tooLarge.Message);
        Assert.Equal(0, large.Length);
        Assert.False(Directory.Exists(folder["caches/libtorch-2.0.0"]));
        AssertClean(folder);
    }

    [Fact]
    public void Without_a_source_or_with_a_broken_configuration_one_sentence_says_so()
    {
        using var none = Configured();
        Assert.Contains("small-torch: none is configured; connect to the network", Refused(Cache(none, new TestPackage())), StringComparison.Ordinal);
        using var broken = new TemporaryFolder().With("nuget.config", "<configuration><packageSources>");
        Assert.StartsWith("NuGet's configuration cannot be read: ", Refused(Cache(broken, new TestPackage())), StringComparison.Ordinal);
        using var closed = Configured(("closed", "http://127.0.0.1:1/index.json"));
        var refused = Refused(Cache(closed, new TestPackage()));
        Assert.Contains("(closed: ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refused, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused);
    }

    [Fact]
    public void Credentials_and_package_source_mapping_of_the_configuration_apply()
    {
        var package = new TestPackage();
        using var closed = new TestFeed(package.Bytes);
        using var open = new TestFeed(response => response.StatusCode = 401);
        using var folder = new TemporaryFolder().With("nuget.config", $"""
            <configuration>
              <packageSources><clear /><add key="a" value="{open.Index}" /><add key="b" value="{closed.Index}" /></packageSources>
              <packageSourceCredentials><b><add key="Username" value="me" /><add key="ClearTextPassword" value="secret" /></b></packageSourceCredentials>
              <packageSourceMapping><packageSource key="b"><package pattern="small-*" /></packageSource></packageSourceMapping>
            </configuration>
            """);
        Cache(folder, package).Fetch();
        Assert.Equal((0, 1), (open.Downloads, closed.Downloads));
    }

    [Fact]
    public void What_a_killed_program_left_is_deleted_and_a_folder_without_libraries_is_replaced()
    {
        var package = new TestPackage();
        using var folder = Configured(("here", "feed"));
        Put(folder, package);
        var dead = DeadTemporaryName(folder["caches/libtorch-2.0.0"]);
        folder.With(Path.GetRelativePath(folder.Root, Path.Combine(dead, "package.nupkg"))).With("caches/libtorch-2.0.0/libc10.so");
        Cache(folder, package).Fetch();
        Assert.False(Directory.Exists(dead));
        Assert.NotEmpty(File.ReadAllBytes(folder["caches/libtorch-2.0.0/libc10.so"]));
        AssertClean(folder);
    }

    [Fact]
    public void The_package_of_the_build_has_the_hash_and_the_files_that_are_fetched()
    {
        var root = typeof(LibTorchCacheTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PackageRoot").Value!;
        var package = ProgramVersions.Package(LibTorchCache.Id);
        var cached = Path.Combine(root, package.Id, package.Version, $"{package.Id}.{package.Version}.nupkg");
        Assert.SkipUnless(File.Exists(cached), "NuGet's cache has no package files");
        using var file = File.OpenRead(cached);
        PackageArchive.Verify(file, package, TestContext.Current.CancellationToken);
        using var zip = new System.IO.Compression.ZipArchive(file);
        Assert.All(LibTorchCache.Members, member => Assert.NotNull(zip.GetEntry(member)));
        Assert.Throws<RefusalException>(() => PackageArchive.Verify(file, package with { ContentHash = "other" }, TestContext.Current.CancellationToken));

        // The build takes the same libraries.
        var built = Directory.EnumerateFiles(LibTorch.Folder!).Select(f => Path.GetFileName(f));
        Assert.Equal(Files.Where(f => f.Contains(".so", StringComparison.Ordinal)), built.Order(StringComparer.Ordinal));
    }

    private static LibTorchCache Cache(TemporaryFolder folder, TestPackage package) => new(package.Locked, folder["caches"], folder.Root);

    private static string Refused(LibTorchCache cache) => Assert.Throws<RefusalException>(() => cache.Fetch()).Message;

    private static TemporaryFolder Configured(params (string Name, string Source)[] sources)
    {
        var added = string.Concat(sources.Select(s => $"<add key=\"{s.Name}\" value=\"{s.Source}\" />"));
        return new TemporaryFolder().With("nuget.config", $"<configuration><packageSources><clear />{added}</packageSources></configuration>");
    }

    private static void Put(TemporaryFolder folder, TestPackage package)
    {
        Directory.CreateDirectory(folder["feed"]);
        File.WriteAllBytes(folder[$"feed/{TestPackage.Id}.{TestPackage.Version}.nupkg"], package.Bytes);
    }

    // The name that a process with an impossible number would have used.
    private static string DeadTemporaryName(string path) =>
        SketchFlow.Data.Files.DeadTemporaries.NameFor(path).Replace($".{Environment.ProcessId}-", ".999999999-", StringComparison.Ordinal);

    private static void AssertClean(TemporaryFolder folder) => Assert.All(
        Directory.EnumerateFileSystemEntries(folder["caches"]).Select(f => Path.GetFileName(f)),
        name => Assert.True(name is "libtorch-2.0.0" or "libtorch-2.0.0.lock", name));
}
