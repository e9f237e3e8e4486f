using System.Collections.Immutable;
using System.Globalization;
using FsCheck.Xunit;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Submissions;

/// <summary>Submissions look as the sample submission of the competition does.</summary>
public sealed class FormattedSubmissionTests : IDisposable
{
    private const string Train = "id,label\n1,big cat\n2,ant\n3,ant\n4,dog\n";

    private readonly TemporaryFolder _folder = new();

    public FormattedSubmissionTests()
    {
        _folder.With("train.csv", Train);
        foreach (var image in (string[])["train/1.png", "train/2.png", "train/3.png", "train/4.png", "test/10.png", "test/11.png", "test/12.png"])
        {
            _folder.With(image);
        }
    }

    public void Dispose() => _folder.Dispose();

    // The classes are ant, big cat and dog; the predictions dog, ant and big cat.
    [Theory]
    [InlineData("id,label\n12,ant\n10,ant\n11,ant\n", "id,label\n12,big cat\n10,dog\n11,ant\n")]
    [InlineData("Id,Prediction\n10.png,x\n11.png,x\n12.png,x\n", "Id,Prediction\n10.png,dog\n11.png,ant\n12.png,big cat\n")]
    [InlineData("label,id\nant,10\nant,11\nant,12\n", "label,id\ndog,10\nant,11\nbig cat,12\n")]
    [InlineData("id,note,label\n10,=1+1,ant\n11,\"a,b\",ant\n12,,ant\n", "id,note,label\n10,=1+1,dog\n11,\"a,b\",ant\n12,,big cat\n")]
    [InlineData("id,label\n10,big_cat\n11,ant\n12,ant\n", "id,label\n10,dog\n11,ant\n12,big_cat\n")]
    [InlineData("key_id,word\n10,ant big_cat\n11,ant dog\n12,ant dog\n", "key_id,word\n10,dog big_cat\n11,ant big_cat\n12,big_cat dog\n")]
    [InlineData("id,label\n10,ant\n99,ant\n12,ant\n11,ant\n", "id,label\n10,dog\n99,ant\n12,big cat\n11,ant\n")]
    [InlineData(
        "id,dog,ant,big cat\n10,0,0,0\n11,0,0,0\n12,0,0,0\n", "id,dog,ant,big cat\n10,0.7,0.1,0.2\n11,0.15,0.6,0.25\n12,0.3,0.25,0.45\n")]
    public void A_submission_has_the_columns_rows_and_labels_of_the_sample(string sample, string expected)
    {
        var data = Read(sample);
        Assert.Equal("", data.SubmissionFault);
        var text = Write(data, [[0.1, 0.2, 0.7], [0.6, 0.25, 0.15], [0.25, 0.45, 0.3]], out var notes);
        Assert.Equal(expected, text);
        Assert.Equal(sample.Contains("99", StringComparison.Ordinal) ? 1 : 0, notes.Length);
        Assert.All(notes, n => Assert.Equal(
            "1 of 4 rows of sample_submission.csv have no image that can be read, such as 99; they get the commonest class, ant.", n));
        Assert.Contains("as in sample_submission.csv", data.Submission!.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,dog,ant,wolf\n10,0,0,0\n", "no class is called wolf; there is no column for big cat; expected one column for each class")]
    [InlineData("id,dog,ant\n10,0,0\n", "there is no column for big cat")]
    [InlineData("id,wolf,fox\n10,0,0\n", "has the columns wolf, fox, of which none is a class; the classes are ant, big cat, dog")]
    [InlineData("id,label\n10,ant\n10,ant\n", "has the value 10 twice in the column id (row 2)")]
    [InlineData("id,label\n", "a header and no row")]
    public void A_sample_of_other_classes_or_images_is_refused_by_name(string sample, string fault)
    {
        // With a table of test images, training is possible.
        _folder.With("test.csv", "id\n10\n11\n12\n");
        var data = Read(sample);
        Assert.Contains(fault, data.SubmissionFault, StringComparison.Ordinal);
        Assert.Null(data.Submission);
    }

    [Theory]
    [InlineData("sampleSubmission.csv")]
    [InlineData("sample_submission_v2.csv")]
    [InlineData("submission_format.csv")]
    [InlineData("Sample-Submission.csv")]
    public void Samples_are_found_by_their_usual_names(string name)
    {
        _folder.With(name, "id,label\n11,ant\n");
        var data = DataSetReader.Read(_folder.Root);
        Assert.Equal((name, 1), (data.Submission!.Source, data.Test.Length));
    }

    [Fact]
    public void Numbers_follow_the_training_table_and_one_of_two_probabilities_is_that_of_the_larger_number()
    {
        _folder.With("train.csv", "id,has_cactus\n1,1\n2,2\n3,2\n4,1\n");
        Assert.Equal("id,has_cactus\n10,2\n", Write(Read("id,has_cactus\n10,1\n"), [[0.2, 0.8]], out _));
        Assert.Equal("id,has_cactus\n10,0.8\n", Write(Read("id,has_cactus\n10,0.5\n"), [[0.2, 0.8]], out _));
        Assert.Equal("id,class_2,class_1\n10,0.8,0.2\n", Write(Read("id,class_2,class_1\n10,0.5,0.5\n"), [[0.2, 0.8]], out _));
    }

    [Theory]
    [InlineData("pacs-sketch")]
    [InlineData("sketchy125")]
    public void The_samples_of_the_usual_data_sets_are_those_of_the_usual_submission(string name)
    {
        var data = DataSetReader.Read(Path.Combine(Reference.Folder, "data", name));
        Assert.Equal((null, "", ""), (data.Submission, data.SubmissionFault, data.NotUsed));
    }

    [Fact]
    public void A_sample_of_the_usual_columns_changes_nothing()
    {
        using var usual = new TemporaryFolder().With("train.csv", "class_name,image_path,target\na,1.png,0\nb,2.png,1\n").WithFolder("train")
            .With("test.csv", "image_path\n0.png\n1.png\n").WithFolder("test").With("sample_submission.csv", "ID,image_path,target\n0,0.png,0\n1,1.png,0\n");
        Assert.Null(DataSetReader.Read(usual.Root).Submission);
        usual.With("sample_submission.csv", "ID,image_path,target\n1,1.png,0\n0,0.png,0\n");
        Assert.Equal([1, 0], DataSetReader.Read(usual.Root).Submission!.Rows);
        // The path counts where ids are row numbers that other images have for names.
        usual.With("test.csv", "image_path\n1.png\n0.png\n").With("sample_submission.csv", "ID,image_path,target\n0,1.png,0\n1,0.png,0\n");
        Assert.Null(DataSetReader.Read(usual.Root).Submission);
    }

    [Property(MaxTest = 60)]
    public void What_is_written_is_read_back_and_scores_as_the_prediction_does(byte seed, byte kind)
    {
        var random = KeyedRandom.For(seed, 0, 0, "submission");
        var header = (string[])["id,label\n{0},ant\n", "id,label\n{0},ant dog\n", "id,big cat,ant,dog\n{0},0,0,0\n"];
        int[] order = [.. Enumerable.Range(10, 3).OrderBy(_ => random.NextBits())];
        var lines = header[kind % 3].Split('\n');
        var data = Read(lines[0] + "\n" + string.Concat(order.Select(i => string.Format(CultureInfo.InvariantCulture, lines[1], i) + "\n")));
        double[][] rows = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 3).Select(_ => random.NextUnit()).ToArray())];
        rows = [.. rows.Select(r => r.Select(p => p / r.Sum()).ToArray())];
        Write(data, rows, out var notes);
        Assert.Empty(notes);
        var truth = data.Test.Select(s => (s.SubmissionId, Row: rows[s.SubmissionId![1] - '0']))
            .Select(t => $"{t.SubmissionId},{data.Classes[Array.IndexOf(t.Row, t.Row.Max())]}\n");
        _folder.With("answers.csv", "id,label\n" + string.Concat(truth));
        var score = SubmissionScoring.Score(LabelTable.Read(_folder["s.csv"]), LabelTable.Read(_folder["answers.csv"]));
        Assert.Equal((3, 1.0, kind % 3 == 1), (score.Rows, score.Accuracy.Score, score.MeanAveragePrecision is { Score: 1 }));
        // The format survives a table's metadata.
        Assert.Equal(data.Submission!.ToJson(), SubmissionFormat.TryParse(data.Submission.ToJson())!.ToJson());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public void Text_that_is_no_format_is_none(string json) => Assert.Null(SubmissionFormat.TryParse(json));

    [Fact]
    public void Formats_that_contradict_themselves_are_none()
    {
        var format = Read("id,label\n10,ant\n11,ant\n").Submission!;
        SubmissionFormat[] wrong =
        [
            format with { Rows = [0] }, format with { Rows = [0, -2] }, format with { Predicted = [5] }, format with { Predicted = [] },
            format with { Count = 9 }, format with { Commonest = 3 }, format with { Labels = ["a"] },
            format with { Kind = SubmissionKind.Probabilities }, format with { Kind = (SubmissionKind)9 },
        ];
        Assert.All(wrong, w => Assert.Null(SubmissionFormat.TryParse(w.ToJson())));
    }

    private DataSet Read(string sample)
    {
        _folder.With("sample_submission.csv", sample);
        return DataSetReader.Read(_folder.Root);
    }

    // The rows of the test are those of the sample, so that the given ones are arranged by id.
    private string Write(DataSet data, double[][] byId, out ImmutableArray<string> notes)
    {
        var classes = data.Classes.Length;
        double[][] rows = [.. data.Test.Select(s => byId[Math.Min(byId.Length - 1, s.SubmissionId![1] - '0')])];
        var table = TableFixtures.Table(rows.Length, classes, 1);
        string[] statuses = [.. data.Test.Select(s => s.Fault ?? LogitsTable.Ok)];
        table = table with
        {
            Metadata = table.Metadata with { ClassNames = data.Classes, Format = data.Submission },
            Statuses = statuses,
            Logits = rows.SelectMany(r => r.Select(p => (float)Math.Log(p))).ToArray(),
        };
        var set = LogitsSet.Join([table]);
        notes = Submission.Write(_folder["s.csv"], set, Combine.SoftVote(set), rows.Length);
        return Rounded(File.ReadAllText(_folder["s.csv"]));
    }

    private static string Rounded(string text) => string.Join('\n', text.Split('\n').Select(line => string.Join(',', line.Split(',').Select(cell =>
        cell.Contains('.', StringComparison.Ordinal) && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var p)
            ? Math.Round(p, 4).ToString(CultureInfo.InvariantCulture) : cell))));
}
