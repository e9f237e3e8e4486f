using SketchFlow.Fuzz.Readers;
using SketchFlow.Fuzz.Runs;

namespace SketchFlow.Tests.Fuzz;

/// <summary>All readers with mutants of fixed seeds; <c>make fuzz</c> runs longer, with new seeds.</summary>
public sealed class ReaderTests
{
    private const int Mutants = 150;

    public static TheoryData<string> Readers => [.. Reader.All.Select(r => r.Name)];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Readers))]
    public async Task Any_bytes_give_a_value_or_a_refusal(string name)
    {
        await Task.Yield();
        var figures = new FuzzRun(Reader.Find(name), new FuzzOptions { Seed = 22, Count = Mutants, Cases = Cases() }).Run();
        Assert.True(figures.Failures == 0, string.Join("\n\n", figures.Findings.Take(3)));
        Assert.InRange(figures.Accepted, 1, figures.Inputs);
        Assert.True(figures.Accepted + figures.Refused == figures.Inputs && figures.Inputs > Mutants, $"{figures.Inputs} inputs");
    }

    // The cases are further inputs; without them the others are enough.
    private static string? Cases()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.FullName, "shared", "cases")))
            {
                return Path.Combine(at.FullName, "shared", "cases");
            }
        }

        return null;
    }
}
