using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Scoring.Submissions;

public sealed class SubmissionScoringTests : IDisposable
{
    private const string Submission = "ID,image_path,target\n0,a.png,0\n1,b.png,1\n2,c.png,1\n3,d.png,2\n4,e.png,2\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private LabelTable Read(string text)
    {
        _folder.With("t.csv", text);
        return LabelTable.Read(_folder["t.csv"]);
    }

    private SubmissionScore Score(string answers, string submission = Submission, string? against = null, string[]? names = null) =>
        SubmissionScoring.Score(Read(submission), Read(answers), against is null ? null : Read(against), names);

    private string Refused(string answers, string submission = Submission) =>
        Assert.Throws<RefusalException>(() => Score(answers, submission)).Message;

    [Theory]
    [InlineData("id,target\n4,2\n3,2\n2,0\n1,1\n0,0\n")]
    [InlineData("image_path,target\ne.png,2\nd.png,2\nc.png,0\nb.png,1\na.png,0\n")]
    [InlineData("filename,label\ntest/e.png,2\ntest/d.png,2\ntest\\c.png,0\ntest/b.png,1\ntest/a.png,0\n")]
    [InlineData("class_name,image_path,target\nowl,e.png,2\nowl,d.png,2\ncat,c.png,0\ndog,b.png,1\ncat,a.png,0\n")]
    [InlineData("Image_ID;unused,Class\n", "")]
    public void Rows_are_joined_by_id_or_path_in_any_order(string answers, string? skip = null)
    {
        if (skip is not null)
        {
            Assert.Contains("expected id or image_path", Refused(answers + "1,2\n"), StringComparison.Ordinal);
            return;
        }

        var score = Score(answers);
        Assert.Equal((5, 0.8), (score.Rows, score.Accuracy.Score));
        Assert.InRange(0.8, score.Accuracy.Low, score.Accuracy.High);
        // F1: class 0 has 2 × 1 / (2 + 1), class 1 has 2 × 1 / (1 + 2), class 2 has 1.
        Assert.Equal(((2 / 3.0) + (2 / 3.0) + 1) / 3, score.MacroF1, 1e-12);
        Assert.Equal([0.5, 1, 1], score.Recalls.Select(r => r.Recall));
        Assert.Equal((2, 1), (score.Recalls[0].Rows, score.Recalls[0].Right));
    }

    [Theory]
    // Ranks 1, 2, 3 and none: (1 + 1/2 + 1/3 + 0) / 4.
    [InlineData("Id,Label\n0,cat\n1,dog\n2,big_owl\n3,cat\n", "Id,Label\n0,cat dog big_owl\n1,cat dog big_owl\n2,cat dog big_owl\n3,dog big_owl\n")]
    [InlineData("Id,Label\n0,cat\n1,dog\n2,big owl\n3,cat\n", "Id,Label\n3,dog big_owl\n2,cat dog big_owl\n1,cat dog cat\n0,cat unknown\n")]
    [InlineData("Id,Label\n0,0\n1,1\n2,2\n3,0\n", "Id,Label\n0,0 1 2\n1,00 01\n2,1 0 2\n3,1 2\n")]
    public void Ranked_labels_have_a_mean_average_precision_as_Kaggle_defines_it(string answers, string submission)
    {
        var score = Score(answers, submission);
        Assert.Equal(3, score.MeanAveragePrecision!.Value.K);
        Assert.Equal((1 + (1 / 2.0) + (1 / 3.0)) / 4, score.MeanAveragePrecision.Value.Score, 12);
        Assert.Equal(0.25, score.Accuracy.Score);
        Assert.Null(Score(answers, answers).MeanAveragePrecision);
    }

    [Fact]
    public void Class_names_and_numbers_are_compared_where_the_names_of_the_numbers_are_known()
    {
        const string Named = "id,class\n0,cat\n1,dog\n2,cat\n3,owl\n4,owl\n";
        Assert.Equal(0.8, Score(Named, names: ["cat", "dog", "owl"]).Accuracy.Score);
        Assert.Equal("cat", Score(Named, names: ["cat", "dog", "owl"]).Recalls[0].Name);
        Assert.Contains("give --data", Refused(Named), StringComparison.Ordinal);
        // The answers hold both, and the submission names.
        Assert.Equal(0.8, Score(
            "id,class_name,target\n0,cat,0\n1,dog,1\n2,cat,0\n3,owl,2\n4,owl,2\n", "id,label\n0,cat\n1,dog\n2,dog\n3,owl\n4,owl\n").Accuracy.Score);
        Assert.Equal("0 cat", Score("id,class_name,target\n0,cat,0\n1,dog,1\n2,cat,0\n3,owl,2\n4,owl,2\n").Recalls[0].Name);
        Assert.Contains(
            "has the class 'fox'",
            Refused("id,class_name,target\n0,cat,0\n1,dog,1\n2,cat,0\n3,owl,2\n4,owl,2\n", "id,label\n0,fox\n1,dog\n2,dog\n3,owl\n4,owl\n"),
            StringComparison.Ordinal);
        // Names that are numbers in both tables are compared as they are.
        Assert.Equal(1, Score("id,label\n0,10\n1,2\n", "id,target\n0,10\n1,2\n").Accuracy.Score);
    }

    [Theory]
    [InlineData("id,target\n0,0\n1,1\n2,0\n3,2\n", "t.csv lacks 1 of the 5 images")]
    [InlineData("id,target\n0,0\n1,1\n2,0\n3,2\n4,2\n5,0\n", "lacks 1 of the 6 images")]
    [InlineData("id,target\n0,0\n1,1\n2,0\n3,2\n3,2\n", "the id 3 2 times")]
    [InlineData("image_path,target\na.png,0\na.png,1\nb.png,0\nd.png,2\ne.png,2\n", "a.png 2 times")]
    [InlineData("id,image_path,target\n0,b.png,0\n1,a.png,1\n2,c.png,0\n3,d.png,2\n4,e.png,2\n", "disagree on the id 0")]
    [InlineData("id,target\n0,0\n1,\n2,0\n3,2\n4,2\n", "no target in row 2")]
    [InlineData("id,target\n0\n", "1 fields in line 2")]
    [InlineData("id,target\n", "no row")]
    [InlineData("", "is empty")]
    public void Rows_that_are_missing_repeated_or_of_other_images_are_refused(string answers, string expected)
    {
        var message = Refused(answers);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Another_submission_is_compared_by_McNemars_test()
    {
        var (id, target) = (Enumerable.Range(0, 20).ToList(), "id,target\n");
        string Table(Func<int, int> label) => target + string.Concat(id.Select(i => $"{i},{label(i)}\n"));
        var score = Score(Table(_ => 0), Table(i => i < 2 ? 1 : 0), Table(i => i is >= 2 and < 10 ? 1 : 0));
        Assert.Equal((0.9, 0.6), (score.Accuracy.Score, score.Against!.Value.Accuracy));
        Assert.Equal((10, 8, 2, 0), score.Against.Value.Test is var t ? (t.BothRight, t.OnlyFirst, t.OnlySecond, t.BothWrong) : default);
        Assert.Equal(112 / 1024.0, score.Against.Value.Test.P, 1e-12);
    }

    [Fact]
    public void The_verb_prints_accuracy_and_recalls_and_refuses_in_one_sentence()
    {
        _folder.With("s.csv", Submission).With("o.csv", Submission.Replace("3,d.png,2", "3,d.png,0", StringComparison.Ordinal))
            .With("a.csv", "id,target\n4,2\n3,2\n2,0\n1,1\n0,0\n").With("bad.csv", "id,target\n4,2\n");
        var answer = ProgramRunner.Run(_folder.Root, "score", _folder["s.csv"], _folder["a.csv"], "--against", _folder["o.csv"], "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Contains("5 rows: accuracy 80.00 %", answer.Output, StringComparison.Ordinal);
        Assert.Contains("0: recall 50.00 % (1 of 2)", answer.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(0.8, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Equal(0.6, json.RootElement.GetProperty("against").GetProperty("accuracy").GetDouble());
        var refused = ProgramRunner.Run(_folder.Root, "score", _folder["s.csv"], _folder["bad.csv"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("score the submission by the answers to all its images", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Error.Trim());
    }
}
