using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using SketchFlow.Scoring.Audit;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Tests.Scoring.Audit;

/// <summary>cleanlab.jsonl has what cleanlab finds in small sets of probabilities; <c>tests/reference/cleanlab_audit.py</c> wrote it.</summary>
public sealed class CleanlabTests
{
    private static readonly Lazy<JsonObject[]> Cases = new(() => [.. File.ReadLines(Here()).Select(l => JsonNode.Parse(l)!.AsObject())]);

    public static TheoryData<string> Names => [.. Cases.Value.Select(c => c["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Thresholds_and_the_confident_joint_are_those_of_cleanlab(string name)
    {
        var (prediction, labels, expected) = Read(name);
        var joint = ConfidentJoint.Estimate(prediction, labels);
        Assert.All(Array<double>(expected["thresholds"]).Zip(joint.Thresholds), p => Assert.Equal(p.First, p.Second, 1e-12));
        Assert.Equal(Array<int>(expected["counts"]), joint.Counts.Cast<int>());
        Assert.Equal(Array<int>(expected["calibrated"]), joint.Calibrated.Cast<int>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Likely_errors_are_those_of_cleanlab_by_every_method(string name)
    {
        var (prediction, labels, expected) = Read(name);
        var joint = ConfidentJoint.Estimate(prediction, labels);
        foreach (var (method, key) in new[]
        {
            (PruneMethod.NoiseRate, "prune_by_noise_rate"), (PruneMethod.Class, "prune_by_class"), (PruneMethod.Both, "both"),
            (PruneMethod.Confident, "confident_learning"),
        })
        {
            var errors = ConfidentLearning.FindErrors(prediction, labels, joint, method);
            int[] rows = Array<int>(expected["errors"]![key]);
            Assert.NotEmpty(rows);
            Assert.Equal(rows, Enumerable.Range(0, labels.Length).Where(r => errors[r]));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Quality_scores_are_those_of_cleanlab(string name)
    {
        var (prediction, labels, expected) = Read(name);
        foreach (var (score, key) in new[]
        {
            (LabelQualityScore.Confidence, "self_confidence"), (LabelQualityScore.Margin, "normalized_margin"),
            (LabelQualityScore.Entropy, "confidence_weighted_entropy"),
        })
        {
            var scores = LabelQuality.Compute(prediction, labels, score);
            Assert.All(Array<double>(expected["quality"]![key]).Zip(scores), p => Assert.Equal(p.First, p.Second, 1e-9));
        }
    }

    private static (EnsemblePrediction Prediction, int[] Labels, JsonObject Expected) Read(string name)
    {
        var found = Cases.Value.Single(c => c["name"]!.GetValue<string>() == name);
        var classes = found["classes"]!.GetValue<int>();
        double[] probabilities = [.. Array<int>(found["grid"]).Select(g => g / (double)(1 << 20))];
        int[] labels = Array<int>(found["labels"]);
        int[] predictions = [.. labels.Select((_, r) => Softmax.ArgMax<double>(probabilities.AsSpan(r * classes, classes)))];
        return (new EnsemblePrediction(classes, probabilities, predictions), labels, found);
    }

    private static T[] Array<T>(JsonNode? node) => [.. node!.AsArray().Select(v => v!.GetValue<T>())];

    private static string Here([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "cleanlab.jsonl");
}
