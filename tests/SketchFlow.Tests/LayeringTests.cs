using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SketchFlow.Tests;

/// <summary>Dependencies point one way, between projects and between the namespaces within them; read from the assemblies as built.</summary>
public class LayeringTests
{
    private const string Dataflow = "System.Threading.Tasks.Dataflow";

    /// <summary>References of each project to others.</summary>
    private static readonly Dictionary<string, string[]> _allowed = new(StringComparer.Ordinal)
    {
        ["SketchFlow.Data"] = [],
        ["SketchFlow.Dataflow"] = ["SketchFlow.Data"],
        ["SketchFlow.Imaging"] = ["SketchFlow.Data"],
        ["SketchFlow.Inference"] = ["SketchFlow.Data", "SketchFlow.Dataflow", "SketchFlow.Imaging", "SketchFlow.Onnx"],
        ["SketchFlow.Learning"] = ["SketchFlow.Data", "SketchFlow.Onnx"],
        ["SketchFlow.Onnx"] = ["SketchFlow.Data"],
        ["SketchFlow.Scoring"] = ["SketchFlow.Data"],
        ["SketchFlow.Reports"] = ["SketchFlow.Data", "SketchFlow.Imaging", "SketchFlow.Learning", "SketchFlow.Scoring"],
        ["sketchflow"] = ["SketchFlow.Data", "SketchFlow.Dataflow", "SketchFlow.Imaging", "SketchFlow.Inference", "SketchFlow.Learning", "SketchFlow.Onnx",
            "SketchFlow.Scoring", "SketchFlow.Reports"],
    };

    /// <summary>The only project that may refer to each library.</summary>
    private static readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal)
    {
        ["OpenCvSharp"] = "SketchFlow.Imaging",
        ["TorchSharp"] = "SketchFlow.Learning",
        [Dataflow] = "SketchFlow.Dataflow",
    };

    private static readonly Lazy<ILookup<(string From, string To), string>> _edges = new(() => _allowed.Keys
        .SelectMany(project => AssemblyDependencies.Edges(AssemblyOf(project), "SketchFlow"))
        .ToLookup(e => (e.From, e.To), e => e.Types));

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
        foreach (var (library, owner) in _owners.Where(o => !string.Equals(o.Value, project, StringComparison.Ordinal)))
        {
            var references = References(project)
                .Where(r => r.Equals(library, StringComparison.Ordinal) || r.StartsWith(library + ".", StringComparison.Ordinal));
            Assert.True(!references.Any(), $"{project} refers to {library}, which only {owner} may.");
        }
    }

    /// <summary>The second file wraps a function from one stream to another for programs that use TPL Dataflow themselves.</summary>
    [Fact]
    public void Two_files_alone_make_blocks_and_links()
    {
        var files = ((string[])["pipeline", "stages"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => File.ReadAllText(file).Contains(Dataflow, StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'));
        Assert.Equal(
            ["stages/SketchFlow.Dataflow/Execution/Network.cs", "stages/SketchFlow.Dataflow/StreamBlock.cs"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_of_the_program_has_its_place_in_the_list()
    {
        var projects = ((string[])["pipeline", "stages"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file) is "SketchFlow.Pipeline" ? "sketchflow" : Path.GetFileNameWithoutExtension(file));
        Assert.Equal(_allowed.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    /// <summary>The list is exact: a new edge fails, and so does an edge that no longer exists.</summary>
    [Fact]
    public void Namespaces_see_what_the_list_says_and_nothing_else()
    {
        Assert.NotEmpty(_edges.Value);
        Assert.Empty(Differences(_edges.Value, [.. ReadList()]));
    }

    [Fact]
    public void Namespaces_have_no_cycle() => Assert.Empty(Cyclic(_edges.Value));

    [Fact]
    public void An_edge_that_is_not_in_the_list_is_found_and_so_is_one_that_no_longer_exists()
    {
        var edges = ToEdges(("A", "B", "X -> Y"), ("A", "C", "X -> Z"), ("A", "C", "W -> Z"));

        Assert.Empty(Differences(edges, [("A", "B"), ("A", "C")]));
        Assert.Equal(["A now sees C (X -> Z; W -> Z): remove the dependency, or add it to namespaces.tsv"], Differences(edges, [("A", "B")]));
        Assert.Equal(["B no longer sees A: remove it from namespaces.tsv"], Differences(edges, [("A", "B"), ("A", "C"), ("B", "A")]));
    }

    [Fact]
    public void A_cycle_of_any_length_is_found_with_its_types()
    {
        Assert.Empty(Cyclic(ToEdges(("A", "B", "X -> Y"), ("B", "C", "Y -> Z"), ("A", "C", "X -> Z"))));
        Assert.Equal(
            ["A -> B (X -> Y)", "B -> C (Y -> Z)", "C -> A (Z -> X)"],
            Cyclic(ToEdges(("A", "B", "X -> Y"), ("B", "C", "Y -> Z"), ("C", "A", "Z -> X"), ("D", "A", "V -> X"))));
    }

    private static ILookup<(string From, string To), string> ToEdges(params (string From, string To, string Types)[] edges) =>
        edges.ToLookup(e => (e.From, e.To), e => e.Types);

    private static IEnumerable<string> Differences(ILookup<(string From, string To), string> edges, HashSet<(string From, string To)> listed)
    {
        var added = edges.Where(e => !listed.Contains(e.Key))
            .Select(e => $"{e.Key.From} now sees {e.Key.To} ({string.Join("; ", e.Take(5))}): remove the dependency, or add it to namespaces.tsv");
        var removed = listed.Where(e => !edges.Contains(e)).Select(e => $"{e.From} no longer sees {e.To}: remove it from namespaces.tsv");
        return added.Concat(removed);
    }

    private static IEnumerable<string> Cyclic(ILookup<(string From, string To), string> edges)
    {
        var targets = edges.Select(e => e.Key).ToLookup(e => e.From, e => e.To, StringComparer.Ordinal);
        return edges.Where(e => Reachable(targets, e.Key.To).Contains(e.Key.From))
            .Select(e => $"{e.Key.From} -> {e.Key.To} ({string.Join("; ", e.Take(5))})");
    }

    private static HashSet<string> Reachable(ILookup<string, string> targets, string start)
    {
        var (reached, waiting) = (new HashSet<string>(StringComparer.Ordinal) { start }, new Stack<string>([start]));
        while (waiting.TryPop(out var from))
        {
            foreach (var to in targets[from].Where(reached.Add))
            {
                waiting.Push(to);
            }
        }

        return reached;
    }

    // Each line: a namespace, a tab, and namespaces that it may see, separated by blanks; all without "SketchFlow.".
    private static IEnumerable<(string From, string To)> ReadList() =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "namespaces.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .SelectMany(cells => cells[1].Split(' ').Select(to => ($"SketchFlow.{cells[0]}", $"SketchFlow.{to}")));

    private static List<string> References(string project)
    {
        using var file = File.OpenRead(AssemblyOf(project));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
    }

    private static string AssemblyOf(string project) => Path.Combine(AppContext.BaseDirectory, project + ".dll");
}
