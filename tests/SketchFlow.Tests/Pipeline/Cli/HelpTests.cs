using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Compares <c>--help</c> of every verb with its approved text in <c>Approved/help</c>; SKETCHFLOW_APPROVE=1 writes the texts.</summary>
public sealed class HelpTests
{
    private const string Folder = "help";

    private const int Width = 80;

    public static TheoryData<string> Verbs() => [.. Commands(VerbTree.Build(), "").Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_help_of_every_verb_is_the_approved_one(string verb)
    {
        var command = Commands(VerbTree.Build(), "").Single(c => c.Path == verb).Command;
        string[] lines = [.. VerbHelp.Lines(command, Width)];

        Assert.DoesNotContain(lines, line => line.Length > Width);
        ApprovedText.Matches(Path.Combine(Folder, FileOf(verb)), string.Join('\n', lines));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("train", "--help")]
    [InlineData("train", "-h", "--no-such-option")]
    [InlineData("help", "train")]
    public void The_program_prints_the_help(params string[] arguments)
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage: sketchflow", result.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Error);
    }

    [Property(MaxTest = 50)]
    public void No_line_of_any_help_is_wider_than_the_terminal(byte pick, byte more)
    {
        var commands = Commands(VerbTree.Build(), "").ToList();
        var (command, width) = (commands[pick % commands.Count].Command, 80 + more);
        Assert.All(VerbHelp.Lines(command, width), line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void Every_verb_has_examples_that_it_accepts()
    {
        foreach (var (path, command) in Commands(VerbTree.Build(), "").Where(c => c.Command is not RootCommand))
        {
            var examples = ((VerbCommand)command).Examples;
            Assert.True(examples.Length > 0, $"{path} has no examples");
            Assert.All(examples, example =>
            {
                var words = CommandLineParser.SplitCommandLine(example).ToList();
                Assert.Equal("sketchflow", words[0]);
                var parsed = VerbTree.Parse([.. words.Skip(1)]);
                Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join("; ", parsed.Errors)}");
                Assert.True(path == VerbOptions.PathOf(parsed.CommandResult.Command) || command.Subcommands.Count > 0, example);
            });
        }
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
            string[] names = [.. command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)), .. command.Arguments.Select(a => a.Name)];
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
