using SketchFlow.Pipeline.Cli.Terminal;
using Spectre.Console;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

public sealed class TerminalTableTests
{
    private const string Name = "convnext_atto on my data, a run of quite a long name";
    private const string Sentence = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";

    [Theory]
    [InlineData(true, 80)]
    [InlineData(false, 80)]
    [InlineData(false, 10)]
    public void Names_and_numbers_are_never_broken(bool redirected, int width)
    {
        var lines = Printed(redirected, width);

        Assert.Contains(lines, line => line.Contains(Name, StringComparison.Ordinal) && line.Contains("0.123456789", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("a long header", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_or_a_pipe_receives_sentences_in_one_line() =>
        Assert.Contains(Printed(redirected: true, 80), line => line.Contains(Sentence, StringComparison.Ordinal));

    [Fact]
    public void On_a_terminal_sentences_are_broken_to_fit()
    {
        var lines = Printed(redirected: false, 100);

        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, 100));
        Assert.DoesNotContain(lines, line => line.Contains(Sentence, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("fourteen", StringComparison.Ordinal));
    }

    [Fact]
    public void The_width_of_the_console_is_restored()
    {
        var console = Console(new StringWriter(), 80);

        Table().Print(console, redirected: true);

        Assert.Equal(80, console.Profile.Width);
    }

    private static Table Table() => TerminalTable.New().Text("run").Number("a long header").Sentences("what").AddRow(Name, "0.123456789", Sentence);

    private static string[] Printed(bool redirected, int width)
    {
        using var writer = new StringWriter();
        Table().Print(Console(writer, width), redirected);
        return writer.ToString().Split('\n');
    }

    private static IAnsiConsole Console(StringWriter writer, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        return console;
    }
}
