using System.Text.RegularExpressions;
using SketchFlow.Pipeline.Cli.Diagnostics;
using SketchFlow.Tests.Learning.Native;

namespace SketchFlow.Tests.Packages;

/// <summary>The Containerfile of the repository as far as it can be checked without a container engine.</summary>
public partial class ContainerfileTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "Containerfile"));
    private static readonly string Build = Path.Combine(Repository.Root, "artifacts", "build");

    [Fact]
    public void Every_copied_path_exists_and_the_build_has_all_that_it_imports()
    {
        var copied = Copied().ToList();
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
        var projects = ((string[])["stages", "pipeline"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*proj", SearchOption.AllDirectories));
        var used = projects.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "build"), "*.*s"))
            .Append(Path.Combine(Repository.Root, "stages", "Directory.Build.props"))
            .SelectMany(file => Reference().Matches(File.ReadAllText(file)).Select(m => m.Groups["path"].Value
                .Replace("$(RepositoryRoot)", Repository.Root + "/", StringComparison.Ordinal)
                .Replace("$(MSBuildThisFileDirectory)", Path.GetDirectoryName(file) + "/", StringComparison.Ordinal))
                .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(path, Path.GetDirectoryName(file)!))))
            .Distinct(StringComparer.Ordinal)
            .Where(path => !path.StartsWith("..", StringComparison.Ordinal) && File.Exists(Path.Combine(Repository.Root, path)))
            .ToList();
        Assert.Contains("THIRD-PARTY-NOTICES.md", used);
        Assert.Contains(used, path => path.EndsWith(".csproj", StringComparison.Ordinal));
        Assert.All(used, path => Assert.Contains(copied, c => path == c || path.StartsWith($"{c}/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_image_has_the_packages_whose_libraries_the_program_needs()
    {
        var shipped = Directory.EnumerateFiles(Build, "*.so*").Concat(Directory.EnumerateFiles(Path.Combine(Build, "libtorch"))).ToList();
        var needed = shipped.SelectMany(library => new ElfFile(library).NeededLibraries())
            .Except(shipped.Select(library => Path.GetFileName(library)), StringComparer.Ordinal)
            .Select(SystemDiagnosis.DebianPackage).OfType<string>().Distinct(StringComparer.Ordinal);
        var install = Install().Matches(Lines.Last(line => line.Contains("apt-get install", StringComparison.Ordinal))).Single().Groups["names"].Value;
        Assert.Equal(needed.Order(StringComparer.Ordinal), install.Split(' ').Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_program_runs_without_rights_and_keeps_its_output_outside()
    {
        Assert.Equal("USER $APP_UID", Assert.Single(Lines, line => line.StartsWith("USER", StringComparison.Ordinal)));
        Assert.Contains("VOLUME /work/artifacts", Lines);
        Assert.Equal("ENTRYPOINT [\"/opt/sketchflow/sketchflow\"]", Lines[^1]);
        Assert.True(File.Exists(Path.Combine(Build, "sketchflow")));
        Assert.DoesNotContain(Lines, line => line.Contains("ADD ", StringComparison.Ordinal) || line.Contains("curl", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Copied() => Lines
        .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
        .SelectMany(line => line.Split(' ')[1..^1]);

    [GeneratedRegex("(?:Include|Project)=\"(?<path>[^\"*;]*\\.[a-z]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    [GeneratedRegex("--no-install-recommends (?<names>[^&]*?) &&", RegexOptions.ExplicitCapture)]
    private static partial Regex Install();
}
