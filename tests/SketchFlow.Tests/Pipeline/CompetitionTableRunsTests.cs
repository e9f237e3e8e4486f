using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline;

/// <summary>Sketches of PACS in the tables of competitions, trained, predicted, combined and scored by the real program.</summary>
public sealed class CompetitionTableRunsTests : IDisposable
{
    private static readonly DataSet _pacs = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder["contest"];

    private string Artifacts => _folder["artifacts"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Long")]
    public void An_id_and_label_table_is_trained_and_submitted_as_the_sample_of_the_moment_shows()
    {
        var tests = CreateContest();
        _folder.With("contest/sample_submission.csv", "id,label\n" + string.Concat(tests.Select(t => $"{t.Id},dog\n")) + "t999,dog\n");
        var plan = Run(["train", "--model", "resnet18", "--data", Data, "--run", "one", "--dry-run", .. TrainedRuns.Quick]);
        Assert.Contains("submission", plan.Output, StringComparison.Ordinal);
        Assert.Contains("id,label as in sample_submission.csv: 13 rows", Flat(plan.Output), StringComparison.Ordinal);
        Run(["train", "--model", "resnet18", "--data", Data, "--run", "one", .. TrainedRuns.Quick]);
        var predicted = Run(3, "predict", "--run", "one");
        Assert.Contains("1 of 13 rows of sample_submission.csv have no image that can be read, such as t999", predicted.Error, StringComparison.Ordinal);
        var file = _folder["artifacts/submissions/contest/one.csv"];
        string[] lines = File.ReadAllLines(file);
        Assert.Equal(["id,label", .. tests.Select(t => t.Id), "t999"], lines.Select((line, i) => i == 0 ? line : line.Split(',')[0]));
        Assert.All(lines.Skip(1), line => Assert.Contains(line.Split(',')[1], (string[])["dog", "giraffe", "house"]));
        Assert.Equal("t999,dog", lines[^1]);

        // The ensemble writes the same format, from the tables alone.
        Run("ensemble", "--data", Data, "--seconds", "1");
        Assert.Equal(File.ReadAllText(file), File.ReadAllText(_folder["artifacts/submissions/contest/ensemble-contest.csv"]));
        CheckScore(tests, file);

        // Probabilities, in another order of classes and rows.
        _folder.With("contest/sample_submission.csv", "id,house,dog,giraffe\n" + string.Concat(tests.Reverse().Select(t => $"{t.Id},0,0,0\n")));
        Run("predict", "--run", "one");
        lines = File.ReadAllLines(file);
        Assert.Equal(tests.Reverse().Select(t => t.Id), lines.Skip(1).Select(line => line.Split(',')[0]));
        Assert.All(lines.Skip(1), line => Assert.Equal(1, line.Split(',').Skip(1).Sum(p => double.Parse(p, CultureInfo.InvariantCulture)), 1e-6));
        var probabilities = CheckScore(tests, file);

        // The three best classes, of which the first is the class of the first two submissions.
        _folder.With("contest/sample_submission.csv", "id,word\n" + string.Concat(tests.Select(t => $"{t.Id},dog giraffe house\n")));
        Run("predict", "--run", "one");
        lines = File.ReadAllLines(file);
        Assert.All(lines.Skip(1), line => Assert.Equal(["dog", "giraffe", "house"], line.Split(',')[1].Split(' ').Order(StringComparer.Ordinal)));
        Assert.Equal(probabilities, CheckScore(tests, file), 1e-12);

        // A sample of other classes is refused with their names, and the logits stay.
        _folder.With("contest/sample_submission.csv", "id,house,dog,wolf\n" + string.Concat(tests.Select(t => $"{t.Id},0,0,0\n")));
        var refused = Run(1, "predict", "--run", "one");
        Assert.Contains("no class is called wolf; there is no column for giraffe", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refused.Error, StringComparison.Ordinal);
    }

    private double CheckScore((string Id, string Label)[] tests, string file)
    {
        string[] own = [.. File.ReadAllLines(file).Skip(1).Select(l => l.Split(',')[0])];
        _folder.With("answers.csv", "id,label\n" + string.Concat(tests.Where(t => own.Contains(t.Id)).Select(t => $"{t.Id},{t.Label}\n"))
            + (own.Contains("t999") ? "t999,dog\n" : ""));
        Run("score", file, _folder["answers.csv"]);
        return SubmissionScoring.Score(LabelTable.Read(file), LabelTable.Read(_folder["answers.csv"])).Accuracy.Score;
    }

    // Ten sketches a class to train on, without extensions in the table, and four to predict.
    private (string Id, string Label)[] CreateContest()
    {
        var tests = new List<(string Id, string Label)>();
        var table = new List<string>();
        foreach (var name in (string[])["dog", "giraffe", "house"])
        {
            foreach (var (number, sample) in _pacs.Train.Where(s => _pacs.Classes[s.Target!.Value] == name).Take(14).Index())
            {
                var isTrain = number < 10;
                var id = $"{(isTrain ? "i" : "t")}{table.Count + tests.Count:000}";
                var file = _folder[$"contest/{(isTrain ? "train_images" : "test_images")}/{id}.png"];
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.Copy(sample.File, file);
                if (isTrain)
                {
                    table.Add($"{table.Count},{id},{name}\n");
                }
                else
                {
                    tests.Add((id, name));
                }
            }
        }

        _folder.With("contest/train.csv", ",Image ID,Label\n" + string.Concat(table));
        return [.. tests];
    }

    private ProgramResult Run(params string[] arguments) => Run(0, arguments);

    private ProgramResult Run(int code, params string[] arguments)
    {
        var result = ProgramRunner.Run(Artifacts, arguments);
        Assert.True(result.ExitCode == code, result.ToString());
        return result;
    }

    private static string Flat(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
