using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Audit;

/// <summary>Looks for wrong labels, ambiguous images, outliers and classes that merge in predictions of images that were not trained on.</summary>
/// <remarks>
/// Only probabilities are used, so that a number added to all logits of an image changes nothing. Results do not depend on the order of the rows,
/// except that of two equal images the earlier one precedes.
/// </remarks>
public static class LabelAudit
{
    /// <summary>Audits labelled images.</summary>
    /// <param name="prediction">Calibrated probabilities of rows that were not trained on.</param>
    /// <param name="labels">Given class number of each row.</param>
    /// <param name="others">Findings that were made in another way, one per row; null for none.</param>
    /// <param name="options">Thresholds.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two classes, or a label is out of range.</exception>
    public static AuditResult Run(
        EnsemblePrediction prediction, IReadOnlyList<int> labels, IReadOnlyList<AuditFindings>? others = null, AuditOptions? options = null)
    {
        options ??= new AuditOptions();
        var joint = ConfidentJoint.Estimate(prediction, labels);
        if (others is not null && others.Count != labels.Count)
        {
            throw new ArgumentException($"There are {others.Count} findings for {labels.Count} rows, expected one per row.", nameof(others));
        }

        var errors = ConfidentLearning.FindErrors(prediction, labels, joint, options.Method);
        var quality = LabelQuality.Compute(prediction, labels, options.Score);
        double[] certainties = [.. Enumerable.Range(0, labels.Count).Select(row => Certainty(prediction.Row(row)))];
        var limit = LeastCertainty(certainties, options.OutlierDeviations);
        var images = Enumerable.Range(0, labels.Count).Select(row =>
        {
            var probabilities = prediction.Row(row);
            var suggested = Softmax.ArgMax(probabilities);
            var findings = (others?[row] ?? AuditFindings.None) | (errors[row] ? AuditFindings.LabelError : AuditFindings.None);
            findings |= IsAmbiguous(probabilities, suggested, options) ? AuditFindings.Ambiguous
                : certainties[row] < limit && probabilities[suggested] < options.OutlierProbability ? AuditFindings.Outlier
                : AuditFindings.None;
            return new AuditedImage(
                row, 0, labels[row], suggested, probabilities[labels[row]], probabilities[suggested], quality[row], certainties[row], findings);
        });
        return new AuditResult(
            [
                .. images.OrderBy(i => i.Has(AuditFindings.LabelError) ? 0 : i.Findings != AuditFindings.None ? 1 : 2).ThenBy(i => i.Quality).ThenBy(i => i.Row)
                    .Select((image, i) => image with { Rank = i + 1 }),
            ],
            FindMerging(joint, labels, options), joint);
    }

    /// <summary>Finds the images of which every model is sure that they belong to another class than the given one.</summary>
    /// <param name="set">At least two models; with fewer, no image is found.</param>
    /// <param name="temperatures">Divisor of each model's logits.</param>
    /// <param name="labels">Given class number of each row.</param>
    /// <param name="options">Thresholds.</param>
    /// <returns>Whether each row is unlearnable.</returns>
    public static bool[] FindUnlearnable(LogitsSet set, IReadOnlyList<double> temperatures, IReadOnlyList<int> labels, AuditOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(temperatures);
        ArgumentNullException.ThrowIfNull(labels);
        var least = (options ?? new AuditOptions()).UnlearnableProbability;
        var found = new bool[set.Rows];
        if (set.Members.Length < 2)
        {
            return found;
        }

        Parallel.For(0, set.Rows, () => new double[set.Classes], (row, _, probabilities) =>
        {
            found[row] = true;
            for (var m = 0; m < set.Members.Length && found[row]; m++)
            {
                Softmax.Probabilities(set.Members[m].Row(row), probabilities, temperatures[m]);
                var predicted = Softmax.ArgMax<double>(probabilities);
                found[row] = predicted != labels[row] && probabilities[predicted] >= least;
            }

            return probabilities;
        }, _ => { });
        return found;
    }

    // A probability of 0 counts as the smallest normal number.
    private static double Certainty(ReadOnlySpan<double> probabilities)
    {
        var sum = 0.0;
        foreach (var p in probabilities)
        {
            sum -= Math.Log(Math.Max(p, 1e-300));
        }

        return sum / probabilities.Length;
    }

    // The median less some standard deviations, estimated by the median absolute deviation; 1.4826 makes it that of a normal distribution.
    private static double LeastCertainty(double[] certainties, double deviations)
    {
        if (certainties.Length == 0)
        {
            return double.NegativeInfinity;
        }

        var median = Median(certainties);
        return median - (deviations * 1.4826 * Median([.. certainties.Select(c => Math.Abs(c - median))]));
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static bool IsAmbiguous(ReadOnlySpan<double> probabilities, int first, AuditOptions options)
    {
        var second = 0.0;
        for (var c = 0; c < probabilities.Length; c++)
        {
            second = c == first ? second : Math.Max(second, probabilities[c]);
        }

        return probabilities[first] - second <= options.AmbiguousMargin && probabilities[first] + second >= options.AmbiguousShare;
    }

    private static ImmutableArray<MergingClasses> FindMerging(ConfidentJoint joint, IReadOnlyList<int> labels, AuditOptions options)
    {
        var images = new int[joint.Classes];
        foreach (var label in labels)
        {
            images[label]++;
        }

        var found = new List<MergingClasses>();
        for (var i = 0; i < joint.Classes; i++)
        {
            for (var j = i + 1; j < joint.Classes; j++)
            {
                var (there, back) = (joint.Calibrated[i, j], joint.Calibrated[j, i]);
                var share = Math.Min((double)there / Math.Max(1, images[i]), (double)back / Math.Max(1, images[j]));
                if (Math.Min(there, back) >= options.MergeImages && share >= options.MergeShare)
                {
                    found.Add(new MergingClasses(i, j, there, back, share));
                }
            }
        }

        return [.. found.OrderByDescending(p => p.Share).ThenByDescending(p => p.FirstAsSecond + p.SecondAsFirst).ThenBy(p => p.First).ThenBy(p => p.Second)];
    }
}
