using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Evaluation;

/// <summary>The page of an evaluation: the data of its confusion matrix, and its size with many classes.</summary>
public sealed partial class EvaluationPageTests
{
    [Fact]
    public void The_page_of_500_classes_is_smaller_than_5_MB()
    {
        var page = EvaluationPage.Create(Evaluate(rows: 10_000, classes: 500), images: null).Page.ToString();
        Assert.InRange(Encoding.UTF8.GetByteCount(page), 500_000, 5_000_000);
    }

    [Fact]
    public void The_matrix_of_the_page_has_all_rows_and_each_class_once_in_its_order()
    {
        var result = Evaluate(rows: 300, classes: 7);
        var page = EvaluationPage.Create(result, images: null).Page.ToString();
        var cells = Read<int>(page, "cells").Chunk(3).ToList();
        Assert.Equal(300, cells.Sum(c => c[2]));
        Assert.All(cells, c => Assert.Equal(result.Report.Confusion[c[0], c[1]], c[2]));
        Assert.Equal(Enumerable.Range(0, 7), Read<int>(page, "similar").Order());
        Assert.Equal(result.Report.PerClass.Select(c => c.Support), Read<int>(page, "support"));
        // Quotation marks and other scripts survive JSON within an attribute.
        Assert.Equal(result.Evaluated.Set.ClassNames, Read<string>(page, "names"));
    }

    [Fact]
    public void The_worst_classes_have_the_lowest_recall_and_their_mistakes_are_counted()
    {
        var result = Evaluate(rows: 300, classes: 7);
        var worst = WorstClass.Find(result, classes: 3, rows: 4);
        Assert.Equal(result.Report.PerClass.Select(c => c.Recall!.Value).Order().Take(3), worst.Select(w => w.Score.Recall!.Value));
        Assert.All(worst, w =>
        {
            Assert.Equal(w.Score.Support - w.Score.Right, w.Predicted.Sum(p => p.Rows));
            Assert.Equal(w.Predicted.Select(p => p.Rows).OrderDescending(), w.Predicted.Select(p => p.Rows));
            Assert.Equal(4, w.Rows.Length);
            Assert.All(w.Rows, r => Assert.True(result.Targets[r] == w.Score.Class && result.Report.Predictions[r] != w.Score.Class));
            Assert.Equal(w.Rows.Order(Comparer<int>.Create((a, b) => Probability(a).CompareTo(Probability(b)))), w.Rows);

            double Probability(int row) => result.Probability(row, w.Score.Class);
        });
    }

    private static EvaluationResult Evaluate(int rows, int classes)
    {
        var set = LogitsSet.Join([TableFixtures.Table(rows, classes, seed: 3)]);
        return EvaluateJob.Evaluate(new EvaluatedRun("one", "sketches", set, Combine.SoftVote(set)));
    }

    private static T[] Read<T>(string page, string name) => JsonSerializer.Deserialize<T[]>(
        WebUtility.HtmlDecode(Attribute().Matches(page).Single(m => m.Groups["name"].Value == name).Groups["value"].Value))!;

    [GeneratedRegex("data-(?<name>names|cells|similar|support)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Attribute();
}
