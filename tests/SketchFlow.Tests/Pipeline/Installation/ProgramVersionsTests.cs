using System.Xml.Linq;
using SketchFlow.Pipeline.Installation;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Installation;

/// <summary>The versions that <c>sketchflow --version</c> prints.</summary>
public class ProgramVersionsTests
{
    private static string Declared => Property("Directory.Build.props", "Version");

    [Fact]
    public void Version_is_that_of_the_build_on_one_line()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "--version");
        Assert.Equal((0, Declared, ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Verbose_adds_the_versions_of_the_packages_without_loading_a_library()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "--version", "--verbose");
        Assert.Equal(0, result.ExitCode);
        var lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(Declared, lines[0]);
        string Line(string start) => Assert.Single(lines, line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.Contains("10.", Line(".NET "), StringComparison.Ordinal);
        Assert.Contains($" {Package("libtorch-cpu-linux-x64")} (TorchSharp {Package("TorchSharp")})", Line("libtorch "), StringComparison.Ordinal);
        Assert.EndsWith($" {Package("OpenCvSharp4")}", Line("OpenCV "), StringComparison.Ordinal);
        Assert.EndsWith($" {Package("Microsoft.ML.OnnxRuntime")}", Line("ONNX Runtime "), StringComparison.Ordinal);
        Assert.All(lines, line => Assert.False(line.EndsWith(' '), line));
    }

    [Fact]
    public void Every_package_that_is_named_is_in_the_lock_file_with_its_hash()
    {
        Assert.Equal(64, Convert.FromBase64String(ProgramVersions.Package(LibTorchCache.Id).ContentHash).Length);
        Assert.Throws<ArgumentException>(() => ProgramVersions.Package("no-such-package"));
    }

    private static string Package(string id) => XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
        .Single(e => e.Attribute("Include")!.Value == id).Attribute("Version")!.Value;

    private static string Property(string file, string name) => XDocument.Load(Path.Combine(Repository.Root, file)).Descendants(name).Single().Value;
}
