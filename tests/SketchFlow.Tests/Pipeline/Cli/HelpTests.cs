using System.CommandLine;
using System.CommandLine.Help;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Compares <c>--help</c> of every verb with its approved text in <c>Approved/help</c>; SKETCHFLOW_APPROVE=1 writes the texts.</summary>
public sealed class HelpTests
{
    private const string Folder = "help";

    // Wide enough for every line, so that the terminal's width does not matter.
    private const int Width = 10_000;

    public static TheoryData<string> Verbs() => [.. Commands(VerbTree.Build(), "").Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_help_of_every_verb_is_the_approved_one(string verb)
    {
        using var output = new StringWriter();
        var root = VerbTree.Build();
        ((HelpAction)root.Options.OfType<HelpOption>().Single().Action!).MaxWidth = Width;
        string[] arguments = [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"];
        var exitCode = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(0, exitCode);
        // The root command is named after the running program.
        ApprovedText.Matches(Path.Combine(Folder, FileOf(verb)), output.ToString().Replace(root.Name, "sketchflow", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_approved_help_belongs_to_a_verb()
    {
        var approved = Directory.EnumerateFiles(Path.Combine(ApprovedText.Folder, Folder)).Select(f => Path.GetFileName(f)!);

        Assert.Empty(approved.Except(Commands(VerbTree.Build(), "").Select(c => FileOf(c.Path)), StringComparer.Ordinal));
    }

    [Fact]
    public void No_two_options_of_a_verb_share_a_name()
    {
        foreach (var (path, command) in Commands(VerbTree.Build(), ""))
        {
            string[] names = [.. command.Options.Select(o => o.Name), .. command.Arguments.Select(a => a.Name)];
            Assert.True(names.Distinct(StringComparer.Ordinal).Count() == names.Length, $"{path}: {string.Join(", ", names)}");
        }
    }

    [Fact]
    public void Every_verb_argument_and_option_has_a_description_that_ends_a_sentence()
    {
        foreach (var (path, command) in Commands(VerbTree.Build(), "").Where(c => c.Path.Length > 0))
        {
            Assert.All(
                command.Options.Where(o => o is not HelpOption).Cast<Symbol>().Concat(command.Arguments).Append(command),
                symbol => Assert.True(symbol.Description is { Length: > 0 } text && text[^1] is '.' or '…', $"{path} {symbol.Name}: {symbol.Description}"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("bench")]
    [InlineData("models")]
    public void A_command_line_without_a_verb_names_the_help_and_is_wrong_usage(string group)
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), group.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"No command given. Try: sketchflow {group}{(group.Length > 0 ? " " : "")}--help", result.Error.Trim());
    }

    private static string FileOf(string verb) => verb.Length == 0 ? "sketchflow.txt" : $"{verb.Replace(' ', '-')}.txt";

    private static IEnumerable<(string Path, Command Command)> Commands(Command command, string path) =>
        command.Subcommands.SelectMany(c => Commands(c, $"{path} {c.Name}".Trim())).Prepend((path, command));
}
