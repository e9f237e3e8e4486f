using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Runs the verbs that print tables at several widths.</summary>
public sealed class OutputWidthTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    public static TheoryData<string> Commands() =>
    [
        "runs", "runs one", "runs one two", "logits list", "evaluate --run one --against two", "audit --run all", "ensemble", "ensemble --explain 0",
        "models list resnet", "models info resnet18 --graph", "transforms list shift", "doctor",
    ];

    [Long]
    [Theory]
    [MemberData(nameof(Commands))]
    public void No_line_is_wider_than_the_terminal_and_a_pipe_gets_every_column(string command)
    {
        var whole = Run(command, null);
        Assert.DoesNotContain("Not shown at this width", whole, StringComparison.Ordinal);
        foreach (var width in new[] { 40, 60, 80, 100, 120, 200 })
        {
            // A word that is wider than the terminal, such as a long path, has a line of its own.
            foreach (var line in Run(command, width).Split('\n'))
            {
                Assert.True(TerminalWidth.Of(line) <= width || WordWrap.Words(line).Count == 1, $"{width}: {line}");
            }
        }
    }

    private string Run(string command, int? width)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        if (width is { } columns)
        {
            environment["COLUMNS"] = $"{columns}";
        }

        var answer = ProgramRunner.RunWithEnvironment(runs.Artifacts, environment, null, command.Split(' '));
        Assert.True(answer.ExitCode == 0 || command == "doctor", answer.ToString());
        return answer.Output;
    }
}
