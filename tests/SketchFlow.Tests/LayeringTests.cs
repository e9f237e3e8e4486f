using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SketchFlow.Tests;

/// <summary>Dependencies point one way; read from the assemblies as built, and from the sources for blocks and links.</summary>
public class LayeringTests
{
    private const string Dataflow = "System.Threading.Tasks.Dataflow";

    /// <summary>What each project may see of the others.</summary>
    private static readonly Dictionary<string, string[]> _allowed = new(StringComparer.Ordinal)
    {
        ["SketchFlow.Data"] = [],
        ["SketchFlow.Dataflow"] = ["SketchFlow.Data"],
        ["SketchFlow.Imaging"] = ["SketchFlow.Data"],
        ["SketchFlow.Learning"] = ["SketchFlow.Data"],
        ["SketchFlow.Scoring"] = ["SketchFlow.Data"],
        ["SketchFlow.Reports"] = ["SketchFlow.Data", "SketchFlow.Imaging", "SketchFlow.Learning", "SketchFlow.Scoring"],
        ["sketchflow"] = ["SketchFlow.Data", "SketchFlow.Dataflow", "SketchFlow.Imaging", "SketchFlow.Learning", "SketchFlow.Scoring", "SketchFlow.Reports"],
    };

    /// <summary>Who alone may see each of these.</summary>
    private static readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal)
    {
        ["OpenCvSharp"] = "SketchFlow.Imaging",
        ["TorchSharp"] = "SketchFlow.Learning",
        ["ParquetSharp"] = "SketchFlow.Data",
        [Dataflow] = "SketchFlow.Dataflow",
    };

    public static TheoryData<string> Projects() => [.. _allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Dependencies_point_one_way(string project)
    {
        var seen = References(project).Where(r => r.StartsWith("SketchFlow.", StringComparison.OrdinalIgnoreCase) || r is "sketchflow");
        Assert.Empty(seen.Except(_allowed[project], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_its_owner_sees_a_native_library_or_Dataflow(string project)
    {
        foreach (var reference in References(project))
        {
            if (_owners.FirstOrDefault(o => reference.Equals(o.Key, StringComparison.Ordinal) || reference.StartsWith(o.Key + ".", StringComparison.Ordinal)) is { Value: { } owner })
            {
                Assert.True(string.Equals(owner, project, StringComparison.Ordinal), $"{project} refers to {reference}, which only {owner} may.");
            }
        }
    }

    [Fact]
    public void One_file_alone_makes_blocks_and_links()
    {
        var files = ((string[])["pipeline", "stages"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => File.ReadAllText(file).Contains(Dataflow, StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'));
        Assert.Equal(["stages/SketchFlow.Dataflow/Execution/Network.cs"], files);
    }

    [Fact]
    public void Every_project_of_the_program_is_held_to_its_place()
    {
        var projects = ((string[])["pipeline", "stages"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file) is "SketchFlow.Pipeline" ? "sketchflow" : Path.GetFileNameWithoutExtension(file));
        Assert.Equal(_allowed.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    private static List<string> References(string project)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, project + ".dll"));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
    }
}
