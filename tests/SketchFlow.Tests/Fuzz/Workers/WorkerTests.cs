using System.Text;
using SketchFlow.Fuzz.Readers;
using SketchFlow.Fuzz.Runs;
using SketchFlow.Fuzz.Workers;

namespace SketchFlow.Tests.Fuzz.Workers;

/// <summary>The watch over readers finds each kind of fault, with a reader that makes them.</summary>
public sealed class WorkerTests
{
    [Theory(Timeout = 300_000)]
    [InlineData("value", Verdict.Accepted, "")]
    [InlineData("print", Verdict.Accepted, "")]
    [InlineData("refusal", Verdict.Refused, "It is refused; give another.")]
    [InlineData("rejection", Verdict.Refused, "it is rejected")]
    [InlineData("type", Verdict.Raw, "names a type of .NET")]
    [InlineData("no text", Verdict.Raw, "has no text")]
    [InlineData("exception", Verdict.Raw, "System.InvalidOperationException: x")]
    [InlineData("crash", Verdict.Crash, "exit code 134")]
    [InlineData("overflow", Verdict.Crash, "Stack overflow")]
    [InlineData("hang", Verdict.Slow, "no answer after")]
    [InlineData("memory", Verdict.Memory, "grown by")]
    public async Task Each_outcome_is_told_from_the_others(string input, Verdict expected, string text)
    {
        await Task.Yield();
        using var worker = new Worker();
        Assert.Equal(Verdict.Accepted, worker.Read(ProbeReader.ProbeName, "value"u8.ToArray(), TimeSpan.FromSeconds(15)).Verdict);
        var answer = worker.Read(ProbeReader.ProbeName, Encoding.ASCII.GetBytes(input), input == "memory" ? TimeSpan.FromSeconds(15) : null);
        Assert.Equal(expected, answer.Verdict);
        Assert.Contains(text, answer.Text, StringComparison.Ordinal);
        if (expected is Verdict.Accepted or Verdict.Refused or Verdict.Raw)
        {
            Assert.Equal(Verdict.Accepted, worker.Read(ProbeReader.ProbeName, "value"u8.ToArray()).Verdict);
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_goes_on_after_a_fault_with_a_new_worker()
    {
        await Task.Yield();
        using var folder = new Data.Files.TemporaryFolder();
        string[] inputs = ["crash", "value", "hang", "rejection", "exception"];
        for (var i = 0; i < inputs.Length; i++)
        {
            folder.With($"c/{i}.bin", inputs[i]);
        }

        var reader = new CasesReader("c/*.bin");
        var figures = new FuzzRun(reader, new FuzzOptions { Count = 0, Cases = folder.Root, Findings = folder["found"] }).Run();
        Assert.Equal((6, 2, 1, 3), (figures.Inputs, figures.Accepted, figures.Refused, figures.Failures));
        Assert.Equal([Verdict.Crash, Verdict.Slow, Verdict.Raw], figures.Findings.Select(f => f.Answer.Verdict));
        Assert.Equal("crash", File.ReadAllText(Assert.Single(Directory.GetFiles(folder["found/probe"], "crash-*.bin"))));
        Assert.Contains("| probe | 6 | 2 | 1 | 3 |", FiguresTable.Format([figures]), StringComparison.Ordinal);
    }

    private sealed class CasesReader(string pattern) : Reader(ProbeReader.ProbeName, new ProbeReader().Format)
    {
        public override IReadOnlyList<string> Cases => [pattern];

        public override IEnumerable<byte[]> CreateSeeds(string folder) => new ProbeReader().CreateSeeds(folder);

        public override string? Read(byte[] input, string folder) => throw new InvalidOperationException("It is read in a worker.");
    }
}
