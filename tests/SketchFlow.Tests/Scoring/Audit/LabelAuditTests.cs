using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Audit;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Audit;

public sealed class LabelAuditTests
{
    [Property(MaxTest = 40)]
    public void Shuffled_rows_have_the_same_findings_in_the_same_order(int seed, byte classes)
    {
        var set = Set(rows: 150, classes: 2 + (classes % 6), seed);
        int[] order = [.. Enumerable.Range(0, set.Rows)];
        KeyedRandom.For(seed, 0, 0, "rows").Shuffle<int>(order);
        var (whole, shuffled) = (Audit(set), Audit(set.WithRows(order)));
        Assert.Equal(
            whole.Images.Select(i => (i.Rank, set.Ids[i.Row], i.Given, i.Suggested, i.Findings)),
            shuffled.Images.Select(i => (i.Rank, set.Ids[order[i.Row]], i.Given, i.Suggested, i.Findings)));
        Assert.Equal(whole.Merging, shuffled.Merging);
        Assert.Equal(whole.Joint.Calibrated.Cast<int>(), shuffled.Joint.Calibrated.Cast<int>());
    }

    [Property(MaxTest = 40)]
    public void A_number_added_to_all_logits_of_an_image_changes_no_finding(int seed)
    {
        var set = Set(rows: 120, classes: 5, seed);
        var chance = KeyedRandom.For(seed, 0, 0, "shift");
        var moved = set.Members[0].Logits.ToArray();
        for (var r = 0; r < set.Rows; r++)
        {
            var shift = MathF.Round((float)chance.NextNormal() * 8) / 4;
            foreach (ref var x in moved.AsSpan(r * 5, 5))
            {
                x += shift;
            }
        }

        var other = Audit(set with { Members = [set.Members[0] with { Logits = moved }] });
        Assert.Equal(Audit(set).Images.Select(i => (i.Row, i.Suggested, i.Findings)), other.Images.Select(i => (i.Row, i.Suggested, i.Findings)));
    }

    [Property(MaxTest = 20)]
    public void Perfect_predictions_have_no_finding(int seed, byte classes)
    {
        var k = 2 + (classes % 30);
        var set = LogitsSet.Join([TableFixtures.Table(200, k, seed, skill: 60)]);
        var result = Audit(set);
        Assert.All(result.Images, i => Assert.Equal(AuditFindings.None, i.Findings));
        Assert.Empty(result.Merging);
        Assert.All(result.Images, i => Assert.Equal(1, LabelWeights.Compute(i, result.Joint, drop: true)));
        Assert.Equal(Enumerable.Range(1, 200), result.Images.Select(i => i.Rank));
    }

    [Property(MaxTest = 30)]
    public void The_calibrated_joint_has_as_many_images_of_each_class_as_there_are_labels(int seed, byte classes)
    {
        var set = Set(rows: 180, classes: 2 + (classes % 8), seed);
        var labels = set.RequireTargets();
        var joint = Audit(set).Joint;
        for (var c = 0; c < joint.Classes; c++)
        {
            Assert.Equal(labels.Count(l => l == c), Enumerable.Range(0, joint.Classes).Sum(j => joint.Calibrated[c, j]));
        }
    }

    [Property(MaxTest = 30)]
    public void Both_is_the_intersection_of_its_rules_and_no_error_is_predicted_as_its_label(int seed)
    {
        var set = Set(rows: 200, classes: 4, seed);
        var labels = set.RequireTargets();
        var prediction = Combine.SoftVote(set);
        var joint = ConfidentJoint.Estimate(prediction, labels);
        bool[] Find(PruneMethod method) => ConfidentLearning.FindErrors(prediction, labels, joint, method);
        Assert.Equal(Find(PruneMethod.NoiseRate).Zip(Find(PruneMethod.Class), (a, b) => a && b), Find(PruneMethod.Both));
        foreach (var method in Enum.GetValues<PruneMethod>())
        {
            Assert.DoesNotContain(Find(method).Select((e, r) => e && prediction.Predictions[r] == labels[r]), e => e);
        }
    }

    [Fact]
    public void Thresholds_are_the_mean_probability_of_each_class_among_its_images()
    {
        var prediction = Prediction(3, [0.7, 0.2, 0.1, 0.5, 0.4, 0.1, 0.1, 0.8, 0.1]);
        var joint = ConfidentJoint.Estimate(prediction, [0, 0, 1]);
        Assert.Equal(0.6, joint.Thresholds[0], 1e-12);
        Assert.Equal(0.8, joint.Thresholds[1], 1e-12);
        // No image has the label 2.
        Assert.Equal(2, joint.Thresholds[2]);
        Assert.Equal([0, -1, 1], joint.TrueClasses);
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], joint.Counts.Cast<int>());
        Assert.Equal([2, 0, 0, 0, 1, 0, 0, 0, 0], joint.Calibrated.Cast<int>());
    }

    [Fact]
    public void A_flipped_label_is_found_and_its_class_suggested()
    {
        var set = LogitsSet.Join([TableFixtures.Table(300, 6, 1, skill: 7)]);
        int?[] targets = [.. set.Targets];
        targets[17] = (targets[17] + 1) % 6;
        var (flipped, truth) = (set with { Targets = targets }, set.Targets[17]);
        var result = Audit(flipped);
        var first = result.Images[0];
        Assert.Equal((17, truth, AuditFindings.LabelError), (first.Row, first.Suggested, first.Findings & AuditFindings.LabelError));
        Assert.Equal(0, LabelWeights.Compute(first, result.Joint, drop: true));
        Assert.InRange(LabelWeights.Compute(first, result.Joint, drop: false), LabelWeights.Smallest, 0.5);
    }

    [Fact]
    public void Classes_that_are_predicted_as_each_other_merge_and_others_do_not()
    {
        // Half of the images of the classes 0 and 1 are predicted as the other one; class 2 is sometimes predicted as 0.
        var rows = Enumerable.Range(0, 90).Select(r => (Label: r % 3, Predicted: r % 3 < 2 && r % 2 == 0 ? 1 - (r % 3) : r % 30 == 2 ? 0 : r % 3)).ToList();
        var prediction = Prediction(3, [.. rows.SelectMany(r => Enumerable.Range(0, 3).Select(c => c == r.Predicted ? 0.8 : 0.1))]);
        var pair = Assert.Single(LabelAudit.Run(prediction, [.. rows.Select(r => r.Label)]).Merging);
        Assert.Equal((0, 1), (pair.First, pair.Second));
        Assert.InRange(pair.Share, 0.4, 0.6);
    }

    [Fact]
    public void Shared_and_flat_predictions_are_ambiguous_and_outliers()
    {
        double[] sure = [0.94, 0.02, 0.02, 0.02], shared = [0.48, 0.47, 0.03, 0.02], flat = [0.28, 0.26, 0.24, 0.22];
        var rows = Enumerable.Range(0, 40).Select(i => i switch { 3 => shared, 7 => flat, _ => [sure[0] - (i * 1e-3), .. sure[1..3], sure[3] + (i * 1e-3)] });
        var result = LabelAudit.Run(Prediction(4, [.. rows.SelectMany(r => r)]), new int[40]);
        Assert.Equal(AuditFindings.Ambiguous, result.Images.Single(i => i.Row == 3).Findings);
        Assert.Equal(AuditFindings.Outlier, result.Images.Single(i => i.Row == 7).Findings);
        Assert.Equal(2, result.Images.Count(i => i.Findings != AuditFindings.None));
        Assert.Equal(Math.Log(4), LabelAudit.Run(Prediction(4, [0.25, 0.25, 0.25, 0.25]), [0]).Images[0].Certainty, 1e-12);
    }

    [Fact]
    public void An_image_that_every_model_gets_wrong_with_confidence_is_unlearnable()
    {
        var set = TableFixtures.Set(models: 3, rows: 100, classes: 5, seed: 4, skill: 9);
        int?[] targets = [.. set.Targets];
        targets[40] = (targets[40] + 2) % 5;
        var labels = (set with { Targets = targets }).RequireTargets();
        var found = LabelAudit.FindUnlearnable(set, [1, 1, 1], labels);
        Assert.True(found[40]);
        Assert.Equal(1, found.Count(f => f));
        // A flat prediction is not sure, and one model is no agreement.
        Assert.DoesNotContain(true, LabelAudit.FindUnlearnable(set, [100, 1, 1], labels));
        Assert.DoesNotContain(true, LabelAudit.FindUnlearnable(set.WithMembers([0]), [1], labels));
    }

    [Fact]
    public void Labels_that_do_not_fit_are_refused()
    {
        var prediction = Prediction(2, [0.5, 0.5]);
        Assert.Throws<ArgumentException>(() => LabelAudit.Run(prediction, []));
        Assert.Throws<ArgumentException>(() => LabelAudit.Run(prediction, [-1]));
        Assert.Throws<ArgumentException>(() => LabelAudit.Run(prediction, [2]));
        Assert.Throws<ArgumentException>(() => LabelAudit.Run(prediction, [0], []));
        Assert.Throws<ArgumentException>(() => LabelAudit.Run(new EnsemblePrediction(1, [1], [0]), [0]));
    }

    private static AuditResult Audit(LogitsSet set) => LabelAudit.Run(Combine.SoftVote(set), set.RequireTargets());

    // Labels of a fifth of the rows are wrong.
    private static LogitsSet Set(int rows, int classes, int seed)
    {
        var set = LogitsSet.Join([TableFixtures.Table(rows, classes, seed)]);
        return set with { Targets = [.. set.Targets.Select((t, r) => r % 5 == 0 ? (t + 1) % classes : t)] };
    }

    private static EnsemblePrediction Prediction(int classes, double[] probabilities) =>
        new(classes, probabilities, [.. probabilities.Chunk(classes).Select(row => Array.IndexOf(row, row.Max()))]);
}
