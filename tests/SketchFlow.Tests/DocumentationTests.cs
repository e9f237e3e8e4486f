using System.Diagnostics;
using System.Text.RegularExpressions;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests;

/// <summary>The pages that people read: their links lead somewhere, the README stays a front page, and their commands run.</summary>
public partial class DocumentationTests
{
    private static readonly string[] PagesWithCommands =
    [
        "README.md", "docs/tutorials/first-competition.md", "docs/tutorials/fine-tune.md", "docs/tutorials/own-data.md", "docs/tutorials/engineer.md",
        "docs/tutorials/ten-minutes.md",
    ];

    public static TheoryData<string> CommandPages() => [.. PagesWithCommands];

    [Fact]
    public void Links_lead_to_files_and_headings()
    {
        var broken = Pages().SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => (Page: page, Target: match.Groups["target"].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal) && !Leads(link.Page, link.Target))
            .Select(link => $"{Path.GetRelativePath(Repository.Root, link.Page)}: {link.Target}");
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_under_docs_can_be_reached_from_the_index()
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>([Path.Combine(Repository.Root, "docs", "index.md")]));
        while (open.TryDequeue(out var page))
        {
            if (seen.Add(page))
            {
                var targets = Link().Matches(File.ReadAllText(page)).Select(match => match.Groups["target"].Value.Split('#')[0])
                    .Where(target => target.EndsWith(".md", StringComparison.Ordinal));
                targets.Select(target => Path.GetFullPath(target, Path.GetDirectoryName(page)!)).Where(File.Exists).ToList().ForEach(open.Enqueue);
            }
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Except(seen, StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_is_a_front_page()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "README.md"));
        Assert.InRange(lines.Length, 1, 150);
        Assert.DoesNotContain(lines, line => line.Length > 120);
    }

    [Fact]
    public void Every_project_folder_has_a_README_of_one_screen()
    {
        var projects = ((string[])["stages", "pipeline", "tests"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(project => Path.Combine(Path.GetDirectoryName(project)!, "README.md"))
            .ToList();
        Assert.NotEmpty(projects);
        Assert.All(projects, readme =>
        {
            Assert.True(File.Exists(readme), $"{readme} is missing");
            Assert.InRange(File.ReadAllLines(readme).Length, 3, 40);
        });
    }

    // A fresh copy of the tree, so that artifacts/ of this one stays as it is; the build is linked into it.
    [Long]
    [Theory(Timeout = 1_200_000)]
    [MemberData(nameof(CommandPages))]
    public async Task The_commands_of_a_page_run_as_written(string page)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["Makefile", "build", "stages", "pipeline", "docs", "Directory.Build.props", "Directory.Packages.props", "global.json"])
        {
            File.CreateSymbolicLink(folder[name], Path.Combine(Repository.Root, name));
        }

        Directory.CreateDirectory(folder["artifacts"]);
        File.CreateSymbolicLink(folder["artifacts/build"], Path.Combine(Repository.Root, "artifacts", "build"));
        Assert.Equal(0, (await RunScript(folder.Root, "artifacts/build/sketchflow data doodles --classes 4 --train 12 --test 4 --out path/to/data")).ExitCode);
        var blocks = ShellBlock().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, page), TestContext.Current.CancellationToken)).ToList();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
        {
            var (exitCode, output) = await RunScript(folder.Root, block.Groups["script"].Value);
            Assert.True(exitCode == 0, $"{page}: exit {exitCode} of\n{block.Groups["script"].Value}\n{output}");
        }

        var below = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        Assert.NotEmpty(Directory.EnumerateFiles(folder["artifacts"], "best.safetensors", below));
    }

    private static async Task<(int ExitCode, string Output)> RunScript(string folder, string script)
    {
        // The program is built: make must not build it again from links whose times differ.
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", $"make() {{ command make -o artifacts/build/obj/.built-cpu \"$@\"; }}\n{script}"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] inherited =
        [
            "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "MODEL", "DATA", "RUN", "EPOCHS", "DEVICE", "STUDY", "ARGS", "SKETCHFLOW_ARTIFACTS",
        ];
        foreach (var name in inherited)
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{await output}\n{await error}");
    }

    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(((string[])["docs", "stages", "pipeline", "tests"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md", SearchOption.AllDirectories)));

    private static bool Leads(string page, string target)
    {
        var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
        var file = path.Length == 0 ? page : Path.GetFullPath(path, Path.GetDirectoryName(page)!);
        return (File.Exists(file) || Directory.Exists(file))
            && (anchor.Length == 0 || Heading().Matches(File.ReadAllText(file)).Any(heading => Anchor(heading.Groups["title"].Value) == anchor));
    }

    // GitHub's anchors: lower case, punctuation removed, spaces to hyphens.
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("^```sh\n(?<script>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex ShellBlock();
}
