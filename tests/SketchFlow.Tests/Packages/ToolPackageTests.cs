using System.IO.Compression;
using SketchFlow.Pipeline.Installation;

namespace SketchFlow.Tests.Packages;

/// <summary>The program as a package, installed from a feed outside the repository with <c>dotnet tool install</c>.</summary>
[Long]
public sealed class ToolPackageTests(InstalledTool tool) : IClassFixture<InstalledTool>
{
    private const int Timeout = 1_200_000;

    // Public feeds take 250 MB; half of that leaves room.
    private const long LargestPackage = 125_000_000;

    [Fact]
    public void The_package_is_small_and_has_the_stripped_libraries_without_libtorch()
    {
        Assert.InRange(new FileInfo(tool.Package).Length, 20_000_000, LargestPackage);
        using var package = ZipFile.OpenRead(tool.Package);
        var names = package.Entries.Select(e => e.FullName).ToList();
        Assert.Contains("README.md", names);
        Assert.Contains("THIRD-PARTY-NOTICES.md", names);
        Assert.Contains(names, name => name.EndsWith("/recipes/models.yaml", StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => name.Contains("libtorch_cpu", StringComparison.Ordinal) || name.Contains("libc10", StringComparison.Ordinal));
        var libraries = package.Entries.Where(e => e.Name.EndsWith(".so", StringComparison.Ordinal)).ToList();
        var built = Directory.EnumerateFiles(Path.Combine(Repository.Root, "artifacts", "build"), "*.so").ToList();
        Assert.Equal(built.Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal), libraries.Select(e => e.Name).Order(StringComparer.Ordinal));
        // TorchSharp's bridge is patched in the build where the system is old, and has the same size.
        Assert.All(libraries, e => Assert.Equal(new FileInfo(built.Single(f => Path.GetFileName(f) == e.Name)).Length, e.Length));
    }

    [Fact]
    public void Version_and_help_need_no_libtorch()
    {
        // A folder of caches that no other test uses; tests run in any order.
        const string Untouched = "untouched-cache";
        Assert.Equal((0, "0.1.0\n"), Result(tool.Run(offline: true, Untouched, ["--version"])));
        Assert.Contains("not fetched yet", tool.Run(offline: true, Untouched, ["--version", "--verbose"]).Output, StringComparison.Ordinal);
        Assert.Contains("ensemble", tool.Run(offline: true, Untouched, ["--help"]).Output, StringComparison.Ordinal);
        Assert.Equal(0, tool.Run(offline: true, Untouched, ["ensemble", "--help"]).ExitCode);
        Assert.False(Directory.Exists(tool.At(Untouched)));
    }

    [Theory]
    [InlineData("data", "doodles", "--classes", "2", "--train", "4", "--test", "2", "--out", "drawn")]
    [InlineData("transforms", "list")]
    [InlineData("models", "list")]
    [InlineData("models", "list", "vit_tiny", "--json")]
    [InlineData("recipes", "list")]
    [InlineData("recipes", "show", "convnext", "--json")]
    [InlineData("recipes", "show", "resnet18.a1_in1k", "--yaml")]
    [InlineData("recipes", "keys")]
    [InlineData("runs")]
    [InlineData("logits", "list")]
    [InlineData("completion", "bash")]
    [InlineData("doctor")]
    public void Verbs_without_a_network_work_without_libtorch(params string[] arguments)
    {
        var (exitCode, output, error) = tool.Run(offline: true, arguments);
        Assert.True(exitCode == 0, $"{output}\n{error}");
        Assert.DoesNotContain("libtorch 2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_without_libtorch_and_without_a_source_says_what_to_do()
    {
        var (exitCode, _, error) = tool.Run(offline: true, "train", "--model", "resnet18", "--epochs", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains($"no NuGet source provides the package {LibTorchCache.Id}: none is configured; connect to", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task Training_fetches_libtorch_from_the_configured_sources()
    {
        await Task.Yield();
        tool.Run(offline: false, "data", "doodles", "--classes", "3", "--train", "20", "--test", "6", "--out", "doodles");
        var (exitCode, output, error) = tool.Run(
            offline: false, "train", "--data", "doodles", "--model", "resnet18", "--epochs", "1", "--image-size", "32", "--run", "tool");
        Assert.SkipWhen(error.Contains("no NuGet source provides", StringComparison.Ordinal), error.Trim());
        Assert.True(exitCode == 0, $"{output}\n{error}");
        Assert.Contains($"Fetching libtorch {LibTorchCache.Version} once", error, StringComparison.Ordinal);
        var (again, described, _) = tool.Run(offline: true, "cache", ["doctor", "--fetch-libtorch"]);
        Assert.Equal((0, $"libtorch is in {tool.At("cache/sketchflow")}/libtorch-{LibTorchCache.Version}; nothing to fetch.\n"), (again, described));
        Assert.Equal(0, tool.Run(offline: true, "cache", ["doctor"]).ExitCode);
    }

    private static (int ExitCode, string Output) Result((int ExitCode, string Output, string Error) run) => (run.ExitCode, run.Output);
}
