using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Plots;

/// <summary>Confusion matrix: the share of each class's rows by predicted class, true classes from top to bottom.</summary>
public static class ConfusionMatrixPlot
{
    /// <summary>Draws the matrix.</summary>
    /// <returns>A PNG, 900 × 850 px.</returns>
    public static byte[] Draw(string title, ClassificationReport evaluation, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var classes = evaluation.PerClass.Length;
        var shares = new double[classes, classes];
        for (var target = 0; target < classes; target++)
        {
            for (var prediction = 0; prediction < classes; prediction++)
            {
                var support = evaluation.PerClass[target].Support;
                shares[target, prediction] = support == 0 ? 0 : (double)evaluation.Confusion[target, prediction] / support;
            }
        }

        return MatrixPlot.Draw(shares, new MatrixPlotOptions($"{title}: share of each class's rows by prediction")
        {
            ColumnLabel = "prediction",
            RowLabel = "target",
            ColumnNames = names,
            RowNames = names,
            Low = 0,
            High = 1,
        });
    }
}
