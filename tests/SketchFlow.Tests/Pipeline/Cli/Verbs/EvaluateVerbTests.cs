using System.Text.Json;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

public class EvaluateVerbTests
{
    [Fact]
    public void Classes_of_equal_recall_are_counted_and_those_with_most_images_are_shown()
    {
        string[] lines = [.. EvaluateVerb.Classes(Report("0/3 0/1 0/7 0/2 0/3 0/5 3/4"), Names(7))];
        Assert.Equal("lowest recall (6 classes at 0.00 %, 5 shown):", lines[0]);
        Assert.Equal(
            ["c (class 2)", "f (class 5)", "a (class 0)", "e (class 4)", "d (class 3)"],
            lines[1..6].Select(l => l.Split(':')[0].Trim()));
        Assert.Equal("  c (class 2): 0 of 7 found, never predicted", lines[1]);
    }

    [Fact]
    public void Found_images_precision_and_the_class_of_a_mistake_are_named()
    {
        var report = Report("2/4 3/3 1/1");
        report.Confusion[0, 2] = 2;
        string[] lines = [.. EvaluateVerb.Classes(report, Names(3))];
        Assert.Equal("lowest recall:", lines[0]);
        Assert.Equal("  a (class 0): 2 of 4 found (50.00 %), precision 100.00 %", lines[1]);
        Assert.Equal("  a → c: 2 of 4 a images", lines[^1]);
    }

    [Long]
    [Fact]
    public void The_program_ends_with_the_page_that_is_to_be_opened()
    {
        using var runs = new TrainedRuns();
        var answer = ProgramRunner.Run(runs.Artifacts, "evaluate", "--run", "one", "--against", "two", "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        var page = json.RootElement.GetProperty("report").GetString()!;
        Assert.True(File.Exists(page));
        Assert.Equal(json.RootElement.GetProperty("folder").GetString(), Path.GetDirectoryName(page));
        Assert.Contains($"report: {page}\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains("only one right ", answer.Output, StringComparison.Ordinal);
        Assert.Contains("ECE: ", answer.Output, StringComparison.Ordinal);
    }

    private static string[] Names(int count) => [.. Enumerable.Range('a', count).Select(c => $"{(char)c}")];

    private static ClassificationReport Report(string classes)
    {
        ClassScore[] scores = [.. classes.Split(' ').Select((text, c) => (Parts: text.Split('/').Select(int.Parse).ToArray(), Class: c))
            .Select(p => new ClassScore(p.Class, p.Parts[1], p.Parts[0], p.Parts[0]))];
        return ClassificationMetrics.Evaluate(TableFixtures.Table(10, 2, 1)) with
        {
            PerClass = scores,
            Confusion = new int[scores.Length, scores.Length],
        };
    }
}
