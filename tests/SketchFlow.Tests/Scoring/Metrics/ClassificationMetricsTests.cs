using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Metrics;

public sealed class ClassificationMetricsTests
{
    // Probabilities 0.5, 0.25, 0.25 and so on, so that every figure can be worked out by hand.
    private static readonly float Half = MathF.Log(2);
    private static readonly float[] Logits = [Half, 0, 0, 0, Half, 0, 0, 0, Half, 0, Half, 0];
    private static readonly int[] Targets = [0, 0, 2, 1];

    [Fact]
    public void Figures_worked_out_by_hand()
    {
        var e = ClassificationMetrics.Evaluate(Logits, 3, Targets, new MetricsOptions { K = 2, Bins = 2 });
        Assert.Equal([0, 1, 2, 1], e.Predictions);
        Assert.Equal(0.75, e.Accuracy);
        // Row 1: class 1 is first, then class 0 before class 2 by number.
        Assert.Equal(1.0, e.TopK);
        Assert.Equal(((3 * Math.Log(2)) + Math.Log(4)) / 4, e.LogLoss, 1e-7);
        Assert.Equal(((2.0 / 3) + (2.0 / 3) + 1) / 3, e.MacroF1, 1e-12);
        Assert.Equal(((3 * 0.375) + 0.875) / 4, e.Brier, 1e-7);
        Assert.Equal(0.25, e.Ece, 1e-7);
        Assert.Equal([0.5, 1, 1], e.PerClass.Select(c => c.Recall!.Value));
        Assert.Equal([1, 0.5, 1], e.PerClass.Select(c => c.Precision!.Value));
        Assert.Equal(1, e.Confusion[0, 1]);
        Assert.Equal(4, e.Reliability.Sum(b => b.Rows));
        Assert.Equal(e.MacroF1, ClassificationMetrics.MacroF1(e.Predictions, Targets, 3));
        Assert.Equal(e.Accuracy, ClassificationMetrics.Accuracy(e.Predictions, Targets));
    }

    [Fact]
    public void A_soft_vote_of_one_model_has_the_metrics_of_the_model()
    {
        var table = TableFixtures.Table(200, 9, 4);
        var set = LogitsSet.Join([table]);
        var model = ClassificationMetrics.Evaluate(table);
        var vote = ClassificationMetrics.Evaluate(Combine.SoftVote(set), set.RequireTargets());
        Assert.Equal(model.Predictions, vote.Predictions);
        Assert.Equal(model.TopK, vote.TopK);
        Assert.Equal(model.MacroF1, vote.MacroF1);
        Assert.Equal(model.LogLoss, vote.LogLoss, 1e-12);
        Assert.Equal(model.Brier, vote.Brier, 1e-12);
        Assert.Equal(model.Ece, vote.Ece, 1e-12);
        Assert.InRange(model.Accuracy, 0.3, 0.99);
    }

    [Fact]
    public void Rejected_rows_predict_class_0_and_have_log_loss_log_classes()
    {
        var e = ClassificationMetrics.Evaluate(new float[8], 4, [0, 3]);
        Assert.Equal([0, 0], e.Predictions);
        Assert.Equal(0.5, e.Accuracy);
        Assert.Equal(1.0, e.TopK);
        Assert.Equal(Math.Log(4), e.LogLoss, 1e-12);
        Assert.Null(e.PerClass[1].Recall);
        Assert.Null(e.PerClass[1].F1);
    }

    [Fact]
    public void A_confident_mistake_has_the_log_loss_of_its_logits()
    {
        var e = ClassificationMetrics.Evaluate([0, 1000], 2, [0]);
        Assert.Equal(1000, e.LogLoss);
        Assert.Equal(2, e.Brier);
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Evaluate([1, 2, 3], 2, [0]));
        Assert.Throws<ArgumentException>(() => ClassificationMetrics.Evaluate([], 2, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassificationMetrics.Evaluate([1, 2], 2, [2]));
    }

    [Fact]
    public void A_submission_is_written_completely_or_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder["s.csv"];
        Submission.Write(path, [0, 1, 2], ["test/0.JPEG", "test/1, or so.JPEG", "test/2.JPEG"], [7, 0, 499], 3);
        Assert.Equal("ID,image_path,target\n0,test/0.JPEG,7\n1,\"test/1, or so.JPEG\",0\n2,test/2.JPEG,499\n", File.ReadAllText(path));
        Assert.Throws<RefusalException>(() => Submission.Write(folder["t.csv"], [0, 1], ["a", "b"], [1, 2], 3));
        Assert.Throws<RefusalException>(() => Submission.Write(folder["t.csv"], [1, 0], ["a", "b"], [1, 2], 2));
        Assert.Throws<RefusalException>(() => Submission.Write(folder["t.csv"], [0, 1], ["a", "b"], [1, -1], 2));
        Assert.Equal([path], folder.Entries);
    }
}
