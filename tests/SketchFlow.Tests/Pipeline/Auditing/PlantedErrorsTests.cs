using System.Globalization;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Auditing;

/// <summary>Labels are swapped, a small network is trained in folds by the real program, and the audit of its out-of-fold logits finds them.</summary>
public sealed class PlantedErrorsTests : IDisposable
{
    private const int Classes = 8;
    private const int PerClass = 40;

    private readonly string _root = Directory.CreateTempSubdirectory("sketchflow-planted-").FullName;

    [Long]
    [Fact]
    public void Most_of_5_percent_swapped_labels_are_found_and_most_findings_are_swapped_labels()
    {
        var (data, artifacts) = (Path.Combine(_root, "doodles"), Path.Combine(_root, "artifacts"));
        DoodleGenerator.Write(new DoodlesOptions { Classes = Classes, TrainPerClass = PerClass, TestPerClass = 1, Seed = 11 }, data);
        var swapped = Swap(Path.Combine(data, "train.csv"), share: 0.05);
        var trained = ProgramRunner.Run(
            artifacts,
            ["train", "--model", "resnet18", "--data", data, "--run", "folds", "--folds", "3", "--epochs", "12", "--aug", "none", .. TrainedRuns.Tiny]);
        Assert.True(trained.ExitCode == 0, trained.ToString());
        var audited = ProgramRunner.Run(artifacts, "audit", "--run", "folds", "--no-copies");
        Assert.True(audited.ExitCode == 0, audited.ToString());
        var found = File.ReadLines(Path.Combine(artifacts, "reports", "audit", "folds", "audit.csv")).Skip(1).Select(l => l.Split(','))
            .Where(f => f[9].Contains("label_error", StringComparison.Ordinal)).Select(f => int.Parse(f[1], CultureInfo.InvariantCulture)).ToHashSet();
        var right = found.Intersect(swapped).Count();
        var figures = $"{right} of {swapped.Count} swapped labels are among {found.Count} findings\n{audited.Output}";
        Assert.True(right >= 0.75 * swapped.Count, figures);
        Assert.True(right >= 0.5 * found.Count, figures);
        // The weights of the audit are taken by the next training.
        var again = ProgramRunner.Run(
            artifacts,
            [
                "train", "--model", "resnet18", "--data", data, "--run", "weighted", "--epochs", "1", "--sample-weights",
                Path.Combine(artifacts, "reports", "audit", "folds", "weights.csv"), .. TrainedRuns.Tiny,
            ]);
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Contains("sample weights from ", again.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Gives some rows the class of another row; returns their row numbers.
    private static HashSet<int> Swap(string path, double share)
    {
        string[][] rows = [.. File.ReadLines(path).Select(l => l.Split(','))];
        var names = rows.Skip(1).DistinctBy(r => r[2]).ToDictionary(r => int.Parse(r[2], CultureInfo.InvariantCulture), r => r[0]);
        int[] order = [.. Enumerable.Range(0, rows.Length - 1)];
        var chance = KeyedRandom.For(5, 0, 0, "swap");
        chance.Shuffle<int>(order);
        HashSet<int> swapped = [.. order.Take((int)(share * order.Length))];
        foreach (var row in swapped)
        {
            var other = (int.Parse(rows[row + 1][2], CultureInfo.InvariantCulture) + 1 + chance.NextInteger(0, Classes - 1)) % Classes;
            (rows[row + 1][0], rows[row + 1][2]) = (names[other], $"{other}");
        }

        File.WriteAllLines(path, rows.Select(r => string.Join(',', r)));
        return swapped;
    }
}
