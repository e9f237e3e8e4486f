using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>
/// Command lines that users of timm, Ultralytics, fastai, AutoGluon and W&amp;B type first (<c>first-guesses.tsv</c>) work, or are answered with the right
/// command. Nothing is trained: the command lines are parsed, and their recipes are loaded.
/// </summary>
public sealed partial class FirstGuessesTests
{
    private const string Works = "works: ";
    private const string Answer = "answer: ";

    private static readonly (string Task, string Tool, string Command, string Expected)[] _guesses =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "Pipeline", "Cli", "first-guesses.tsv")).Skip(1)
            .Select(line => line.Split('\t')).Select(cells => (cells[0], cells[1], cells[2], cells[3])),
    ];

    public static TheoryData<string, string> Guesses()
    {
        var guesses = new TheoryData<string, string>();
        _guesses.ToList().ForEach(guess => guesses.Add(guess.Command, guess.Expected));
        return guesses;
    }

    public static TheoryData<string> DocumentedCommands() =>
    [
        .. CodeSpan().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "coming-from.md"))).Select(m => m.Groups["command"].Value)
            .Distinct(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Guesses))]
    public void A_first_guess_works_or_is_answered_with_the_right_command(string command, string expected)
    {
        var (verb, error) = Try(command);
        if (expected.StartsWith(Works, StringComparison.Ordinal))
        {
            Assert.Equal((expected[Works.Length..], null), (verb, error));
        }
        else
        {
            Assert.StartsWith(Answer, expected, StringComparison.Ordinal);
            Assert.Contains(expected[Answer.Length..], error ?? "", StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(DocumentedCommands))]
    public void The_commands_of_the_page_for_users_of_other_tools_work(string command)
    {
        var (verb, error) = Try(command);
        Assert.Null(error);
        Assert.NotEqual("sketchflow", verb);
    }

    [Fact]
    public void Fifty_guesses_cover_twenty_tasks_of_five_tools_and_forty_work()
    {
        Assert.True(_guesses.Length >= 50);
        Assert.True(_guesses.Select(guess => guess.Task).Distinct(StringComparer.Ordinal).Count() >= 20);
        Assert.Equal(
            ["AutoGluon", "Ultralytics", "W&B", "fastai", "timm"],
            _guesses.Select(guess => guess.Tool).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.True(_guesses.Count(guess => guess.Expected.StartsWith(Works, StringComparison.Ordinal)) >= 40);
        Assert.True(DocumentedCommands().Count >= 15);
    }

    /// <summary>Parses a command line, and loads its recipe; returns the verb, and the sentence of a refusal.</summary>
    private static (string Verb, string? Error) Try(string command)
    {
        var words = CommandLineParser.SplitCommandLine(Placeholder().Replace(command, m => m.Value switch
        {
            "RUN" => "resnet18-doodles-1",
            "DIR" or "my-data" => Path.GetTempPath(),
            "FILE" => "image.png",
            "TAG" => "a1_in1k",
            "MODEL" => "resnet18",
            _ => "0123",
        })).ToList();
        Assert.Equal("sketchflow", words[0]);
        try
        {
            var parsed = VerbTree.Parse([.. words.Skip(1)]);
            var verb = VerbOptions.PathOf(parsed.CommandResult.Command);
            if (parsed.Errors.Count > 0)
            {
                return (verb, UsageErrors.Describe(parsed));
            }

            if (parsed.CommandResult.Command.Options.Contains(CommonOptions.Model))
            {
                CommonOptions.LoadNamed(parsed, null, parsed.GetValue(RecipeOptions.Epochs));
            }

            return (verb.Length > 0 ? verb : "sketchflow", null);
        }
        catch (Exception e) when (e is RefusalException or UsageException)
        {
            return ("", e.Message);
        }
    }

    [GeneratedRegex(@"\b(RUN|DIR|FILE|TAG|MODEL|ID|my-data)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"`(?<command>sketchflow [^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeSpan();
}
