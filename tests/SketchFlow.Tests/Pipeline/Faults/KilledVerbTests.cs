using SketchFlow.Data.Machine;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Faults;

/// <summary>
/// Kills predictions, ensembles, exports and sweeps at random moments; the same command then gives what an undisturbed one gives. KillTests has trainings.
/// </summary>
[Long]
public sealed class KilledVerbTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    private const int Kill = 9;

    [Fact(Timeout = 1_200_000)]
    public async Task A_killed_prediction_gives_the_same_tables_when_it_is_repeated()
    {
        await Task.Yield();
        string[] Tables() => [.. Directory.GetFiles(runs.File("logits"), "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        var tables = Tables();
        var expected = tables.ToDictionary(t => t, t => LogitsReader.Read(t).Logits.ToArray(), StringComparer.Ordinal);
        Assert.NotEmpty(expected);
        KillAndRepeat("predict", ["predict", "--run", "all"], () => Array.ForEach(tables, File.Delete));
        Assert.Equal(tables, Tables());
        Assert.All(tables, t => Assert.Equal(expected[t], LogitsReader.Read(t).Logits.ToArray()));
    }

    [Fact(Timeout = 1_200_000)]
    public async Task A_killed_ensemble_gives_the_same_submission_when_it_is_repeated()
    {
        await Task.Yield();
        string[] ensemble = ["ensemble", "--name", "both"];
        var whole = ProgramRunner.Run(runs.Artifacts, ensemble);
        Assert.True(whole.ExitCode == 0, whole.ToString());
        var submission = Directory.GetFiles(runs.File("submissions"), "both.csv", SearchOption.AllDirectories).Single();
        var expected = await File.ReadAllTextAsync(submission);
        KillAndRepeat("ensemble", ensemble, () => File.Delete(submission));
        Assert.Equal(expected, await File.ReadAllTextAsync(submission));
    }

    [Fact(Timeout = 1_200_000)]
    public async Task A_killed_export_in_8_bits_leaves_a_whole_model_or_none()
    {
        await Task.Yield();
        var (exports, model) = (runs.File("exports"), runs.File("exports", "one.onnx"));
        KillAndRepeat("export", ["export", "--run", "one", "--int8", "--force"], () =>
        {
            if (File.Exists(model))
            {
                OnnxSession.Load(model).Dispose();
                Directory.Delete(exports, recursive: true);
            }
        });
        using var session = OnnxSession.Load(model);
        Assert.NotNull(session.FindOutput("probabilities"));
        Assert.True(File.Exists(runs.File("exports", "one.certificate.json")));
        Assert.Empty(Directory.GetDirectories(exports));
    }

    [Fact(Timeout = 1_200_000)]
    public async Task A_killed_sweep_continues_and_ends_with_all_trials()
    {
        await Task.Yield();
        var file = Path.Combine(runs.Root, "small.yaml");
        await File.WriteAllTextAsync(
            file, "method: grid\nmetric: { name: val_loss, goal: minimize }\nparameters: { optimizer.learning_rate: { values: [0.001, 0.01] } }\n");
        // A trial during which the program dies three times is given up.
        KillAndRepeat("sweep", ["sweep", file, "--data", runs.Data, "--model", "resnet18", "--epochs", "1", .. TrainedRuns.Tiny], () => { }, kills: 2);
        var table = await File.ReadAllLinesAsync(runs.File("sweeps", "small", "table.csv"));
        Assert.Equal(3, table.Length);
        Assert.All(table[1..], l => Assert.Contains(",finished,", l, StringComparison.Ordinal));
    }

    private void KillAndRepeat(string name, string[] arguments, Action prepare, int kills = 4)
    {
        var random = KeyedRandom.For(22, 0, 0, name);
        for (var kill = 0; kill < kills; kill++)
        {
            prepare();
            var after = TimeSpan.FromMilliseconds(random.NextInteger(50, 5000));
            var killed = ProgramRunner.RunAndSignal(runs.Artifacts, () => true, after, Kill, arguments);
            Assert.True(killed.ExitCode is 0 or 128 + Kill, killed.ToString());
        }

        var repeated = ProgramRunner.Run(runs.Artifacts, arguments);
        Assert.True(repeated.ExitCode == 0, repeated.ToString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(runs.Artifacts, "*.tmp", SearchOption.AllDirectories));
    }
}
