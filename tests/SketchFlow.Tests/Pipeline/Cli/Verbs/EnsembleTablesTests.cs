using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Ensembles;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

/// <summary>Tests the output of <c>ensemble</c> with three models, of which one has every image right.</summary>
public class EnsembleTablesTests
{
    [Fact]
    public void An_ensemble_of_one_run_has_the_calibrated_log_loss_of_that_run()
    {
        using var folder = new TemporaryFolder();
        var options = new EnsembleOptions { Compare = false, Members = new MemberFilter(["run-1"], []) };
        var report = SavedEnsemble.Run(Prepare(folder), "sketches", "e", options).Report;
        var member = Assert.Single(report.Members);
        Assert.Equal(report.Evaluation.LogLoss, member.CalibratedLogLoss, 1e-12);
        Assert.True(member.CalibratedLogLoss < member.LogLoss);
        var lines = EnsembleTables.Members(report).Lines(null);
        Assert.Equal(3, lines.Count(l => l.Contains($"{report.Evaluation.LogLoss:0.0000}", StringComparison.Ordinal)));
        Assert.Contains("ensemble of 1 run ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Heading_limit_columns_and_the_saved_row_say_what_they_are()
    {
        using var folder = new TemporaryFolder();
        var options = new EnsembleOptions { Weights = EnsembleWeights.LeastSquares, Method = EnsembleMethod.All, IsChosenByUser = true, Seconds = 1e-4 };
        var report = SavedEnsemble.Run(Prepare(folder), "sketches", "e", options).Report;
        var used = report.Members.Count(m => m.Weight > 0);
        Assert.Equal(
            "sketches: 3 runs, 120 validation rows. Combination by accuracy: least-squares weights "
            + (used == 3 ? "(all 3 runs have a weight above 0)" : $"({used} of 3 runs {(used == 1 ? "has" : "have")} a weight above 0)"),
            EnsembleTables.Heading(report, "Combination"));
        var members = EnsembleTables.Members(report).Lines(null);
        Assert.Contains("0.20 (limit)", members.Single(l => l.StartsWith("run-0", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Single(members, l => l.Contains("(limit)", StringComparison.Ordinal));
        var combinations = EnsembleTables.Combinations(report).Lines(null);
        Assert.Matches("^combination +accuracy, held-out +its 95 % interval +accuracy, searched +log-loss, held-out +made by$", combinations[0]);
        Assert.Single(combinations, l => l.Contains(" ← saved ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_program_names_skipped_ways_with_a_limit_that_measures_them_and_json_keeps_their_names()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var answer = ProgramRunner.Run(artifacts.Root, "ensemble", "--seconds", "0.001", "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        var skipped = json.RootElement.GetProperty("left_out").EnumerateArray().Select(e => e.GetString()!).ToList();
        Assert.NotEmpty(skipped);
        Assert.Equal(skipped.Count, json.RootElement.GetProperty("left_out_seconds").GetArrayLength());
        Assert.All(skipped, name => Assert.Contains($"{name} (estimated ", answer.Output, StringComparison.Ordinal));
        Assert.Contains("the limit is --seconds 0.001; add --seconds 10 to measure them all.", answer.Output, StringComparison.Ordinal);
        Assert.Empty(EnsembleJob.Run(artifacts, "sketches", new EnsembleOptions { Seconds = 10 }).Skipped);
    }

    [Fact]
    public void The_ensemble_has_no_weight_of_its_own_in_an_explanation()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        var explanation = EnsembleJob.Explain(artifacts, EnsembleFile.Load(saved.File), 5);
        var last = EnsembleTables.Votes(explanation).Lines(null)[^1];
        Assert.Matches("^ensemble +-  ", last);
        Assert.Contains(Percent.Text(explanation.Votes[^1].Classes[0].Probability), last, StringComparison.Ordinal);
    }

    private static Artifacts Prepare(TemporaryFolder folder)
    {
        var artifacts = new Artifacts(folder.Root);
        for (var m = 0; m < 3; m++)
        {
            // Run 0 has every row right, so that the lower its temperature is, the better.
            var table = TableFixtures.Table(120, 6, m * 10, $"run-{m}", m == 0 ? 30 : 1.5);
            TableFixtures.Write(table.Metadata.PathBelow(artifacts.Logits), table);
        }

        return artifacts;
    }
}
