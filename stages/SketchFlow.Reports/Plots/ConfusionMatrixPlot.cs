using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Confusion matrix: the share of each class's images by predicted class, true classes from top to bottom.</summary>
public static class ConfusionMatrixPlot
{
    /// <summary>Draws the matrix.</summary>
    /// <param name="title">Name of the evaluated model.</param>
    /// <param name="evaluation">The metrics.</param>
    /// <param name="names">Class names.</param>
    /// <returns>A PNG, at most about 2,000 px wide and high.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Length;
        var shares = new double[classes, classes];
        for (var target = 0; target < classes; target++)
        {
            for (var prediction = 0; prediction < classes; prediction++)
            {
                var support = evaluation.PerClass[target].Support;
                shares[target, prediction] = support == 0 ? 0 : 100.0 * evaluation.Confusion[target, prediction] / support;
            }
        }

        return MatrixPlot.Draw(shares, new MatrixPlotOptions($"{title}: confusion matrix", names, names)
        {
            ColumnLabel = "predicted class",
            RowLabel = "true class",
            ValueLabel = "share of the true class's images, %",
            Format = "0",
            Low = 0,
            High = 100,
        });
    }
}
