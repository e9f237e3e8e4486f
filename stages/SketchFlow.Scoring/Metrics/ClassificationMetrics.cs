using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Metrics;

/// <summary>Computes accuracy, log-loss, F1 and calibration from logits or from an ensemble's probabilities.</summary>
/// <remarks>
/// Rows whose image was rejected count like any other. Their logits are uniform, so they predict class 0 (the lowest number wins every tie,
/// in top-k as well) and their log-loss is log(classes).
/// </remarks>
public static class ClassificationMetrics
{
    /// <summary>Measures one model; the log-loss is computed by log-sum-exp in float64.</summary>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static ClassificationReport Evaluate(LogitsTable table, MetricsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        var missing = Array.FindIndex(table.Targets, t => t is null);
        return missing < 0
            ? Evaluate(table.Logits.Span, table.Classes, [.. table.Targets.Select(t => t!.Value)], options)
            : throw new RefusalException(
                $"{table.Source} has no target for id {table.Ids[missing]} ({table.ImagePaths[missing]}), expected a label in every row; "
                + "evaluate a split that has labels (val or train).");
    }

    /// <summary>Measures logits.</summary>
    /// <param name="logits">float32, rows × classes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="targets">Class number of each row.</param>
    /// <param name="options">k of top-k and number of bins.</param>
    /// <exception cref="ArgumentException">There are no rows, the lengths disagree, or a target is out of range.</exception>
    public static ClassificationReport Evaluate(ReadOnlySpan<float> logits, int classes, ReadOnlySpan<int> targets, MetricsOptions? options = null)
    {
        var metrics = new MetricsAccumulator(logits.Length, classes, targets, options ?? new MetricsOptions());
        var probabilities = new double[classes];
        for (var row = 0; row < targets.Length; row++)
        {
            var values = logits.Slice(row * classes, classes);
            var normaliser = Softmax.LogSumExp(values);
            for (var c = 0; c < classes; c++)
            {
                probabilities[c] = Math.Exp(values[c] - normaliser);
            }

            metrics.Add(row, targets[row], Softmax.ArgMax(values), Rank(values, targets[row]), probabilities, normaliser - values[targets[row]]);
        }

        return metrics.ToReport();
    }

    /// <summary>Measures an ensemble's prediction.</summary>
    /// <exception cref="ArgumentException">There are no rows, the lengths disagree, or a target is out of range.</exception>
    public static ClassificationReport Evaluate(EnsemblePrediction prediction, ReadOnlySpan<int> targets, MetricsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        var metrics = new MetricsAccumulator(prediction.Probabilities.Length, prediction.Classes, targets, options ?? new MetricsOptions());
        for (var row = 0; row < targets.Length; row++)
        {
            var values = prediction.Row(row);
            var target = targets[row];
            // The ensemble's own prediction, decided on exact sums, takes precedence over the rounded probabilities.
            var rank = prediction.Predictions[row] == target ? 0 : Math.Max(1, Rank(values, target));
            metrics.Add(row, target, prediction.Predictions[row], rank, values, -Math.Log(Math.Max(values[target], Softmax.SmallestProbability)));
        }

        return metrics.ToReport();
    }

    /// <summary>Computes the share of rows whose prediction is their target.</summary>
    /// <exception cref="ArgumentException">There are no rows, or the lengths differ.</exception>
    public static double Accuracy(ReadOnlySpan<int> predictions, ReadOnlySpan<int> targets)
    {
        if (predictions.Length != targets.Length || targets.Length == 0)
        {
            throw new ArgumentException($"There are {predictions.Length} predictions and {targets.Length} targets, expected equal numbers.", nameof(targets));
        }

        var right = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            right += predictions[i] == targets[i] ? 1 : 0;
        }

        return (double)right / targets.Length;
    }

    /// <summary>Computes the mean F1 of the classes that occur among targets or predictions.</summary>
    /// <exception cref="ArgumentException">There are no rows, or the lengths differ.</exception>
    public static double MacroF1(ReadOnlySpan<int> predictions, ReadOnlySpan<int> targets, int classes)
    {
        if (predictions.Length != targets.Length || targets.Length == 0)
        {
            throw new ArgumentException($"There are {predictions.Length} predictions and {targets.Length} targets, expected equal numbers.", nameof(targets));
        }

        var right = new int[classes];
        var either = new int[classes];
        for (var i = 0; i < targets.Length; i++)
        {
            either[targets[i]]++;
            either[predictions[i]]++;
            right[targets[i]] += predictions[i] == targets[i] ? 1 : 0;
        }

        return MacroF1(right, either);
    }

    /// <summary>Computes the mean of 2 × right / (support + predicted) over the classes whose denominator is not 0.</summary>
    internal static double MacroF1(ReadOnlySpan<int> right, ReadOnlySpan<int> supportAndPredicted)
    {
        var (sum, counted) = (0.0, 0);
        for (var c = 0; c < right.Length; c++)
        {
            if (supportAndPredicted[c] > 0)
            {
                sum += 2.0 * right[c] / supportAndPredicted[c];
                counted++;
            }
        }

        return sum / counted;
    }

    /// <summary>Counts the classes ranked before the target: those with a larger value, and those with an equal value and a lower number.</summary>
    private static int Rank<T>(ReadOnlySpan<T> values, int target)
        where T : struct, IComparable<T>
    {
        var before = 0;
        for (var c = 0; c < values.Length; c++)
        {
            var order = values[c].CompareTo(values[target]);
            before += order > 0 || (order == 0 && c < target) ? 1 : 0;
        }

        return before;
    }

    private sealed class MetricsAccumulator
    {
        private readonly MetricsOptions _options;
        private readonly int[,] _confusion;
        private readonly int[] _predictions;
        private readonly int[] _binRows;
        private readonly int[] _binRight;
        private readonly double[] _binConfidence;
        private int _right;
        private int _inTopK;
        private double _logLoss;
        private double _brier;

        public MetricsAccumulator(int values, int classes, ReadOnlySpan<int> targets, MetricsOptions options)
        {
            if (options.K < 1 || options.Bins < 1)
            {
                throw new ArgumentException($"k is {options.K} and there are {options.Bins} bins, expected at least 1 of each.", nameof(options));
            }

            if (targets.Length == 0 || classes < 1 || (long)targets.Length * classes != values)
            {
                throw new ArgumentException($"There are {values} values for {targets.Length} rows of {classes} classes.", nameof(targets));
            }

            foreach (var target in targets)
            {
                if (target < 0 || target >= classes)
                {
                    throw new ArgumentOutOfRangeException(nameof(targets), target, $"Expected targets from 0 to {classes - 1}.");
                }
            }

            _options = options;
            _confusion = new int[classes, classes];
            _predictions = new int[targets.Length];
            _binRows = new int[options.Bins];
            _binRight = new int[options.Bins];
            _binConfidence = new double[options.Bins];
        }

        public void Add(int row, int target, int prediction, int rank, ReadOnlySpan<double> probabilities, double loss)
        {
            _predictions[row] = prediction;
            _confusion[target, prediction]++;
            var right = prediction == target ? 1 : 0;
            _right += right;
            _inTopK += rank < _options.K ? 1 : 0;
            _logLoss += loss;
            var distance = 1 - (2 * probabilities[target]);
            foreach (var p in probabilities)
            {
                distance += p * p;
            }

            _brier += distance;
            // Bins are open below and closed above, so that a confidence of 1 is in the last.
            var confidence = probabilities[prediction];
            var bin = Math.Clamp((int)Math.Ceiling(confidence * _options.Bins) - 1, 0, _options.Bins - 1);
            _binRows[bin]++;
            _binRight[bin] += right;
            _binConfidence[bin] += confidence;
        }

        public ClassificationReport ToReport()
        {
            var (rows, classes) = (_predictions.Length, _confusion.GetLength(0));
            var perClass = new ClassScore[classes];
            for (var c = 0; c < classes; c++)
            {
                var (support, predicted) = (0, 0);
                for (var other = 0; other < classes; other++)
                {
                    support += _confusion[c, other];
                    predicted += _confusion[other, c];
                }

                perClass[c] = new ClassScore(c, support, predicted, _confusion[c, c]);
            }

            var bins = new ReliabilityBin[_options.Bins];
            var ece = 0.0;
            for (var b = 0; b < bins.Length; b++)
            {
                var n = _binRows[b];
                bins[b] = new ReliabilityBin(
                    (double)b / bins.Length, (b + 1.0) / bins.Length, n, n == 0 ? 0 : _binConfidence[b] / n, n == 0 ? 0 : (double)_binRight[b] / n);
                ece += Math.Abs(_binConfidence[b] - _binRight[b]) / rows;
            }

            return new ClassificationReport
            {
                Rows = rows,
                Accuracy = (double)_right / rows,
                TopK = (double)_inTopK / rows,
                K = _options.K,
                LogLoss = _logLoss / rows,
                MacroF1 = perClass.Where(c => c.F1 is not null).Average(c => c.F1!.Value),
                Ece = ece,
                Brier = _brier / rows,
                PerClass = perClass,
                Confusion = _confusion,
                Reliability = bins,
                Predictions = _predictions,
            };
        }
    }
}
