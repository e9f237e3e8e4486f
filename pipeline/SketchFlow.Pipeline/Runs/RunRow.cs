using System.Globalization;

namespace SketchFlow.Pipeline.Runs;

/// <summary>One run as a row: its name, its recipe's keys, and its metrics at its best epoch.</summary>
/// <param name="Name">The run, <c>RUN.fold-K</c> for a fold.</param>
/// <param name="Folder">Its files.</param>
/// <param name="Recipe">The recipe, flat.</param>
/// <param name="Metrics">Columns of <c>metrics.csv</c> at the best epoch; the mean over the folds for a run that has them. Empty before the first epoch.</param>
/// <param name="Facts">What is neither: when, epochs, best_epoch, folds.</param>
public sealed record RunRow(
    string Name, RunFolder Folder, IReadOnlyDictionary<string, string> Recipe, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>What stands in a column; null where this run has no such thing.</summary>
    public string? Cell(string column) => column == "run" ? Name
        : Facts.TryGetValue(column, out var fact) ? fact
        : Metrics.TryGetValue(column, out var metric) ? metric.ToString("R", CultureInfo.InvariantCulture)
        : Recipe.GetValueOrDefault(column);

    /// <summary>The number in a column; null where there is none.</summary>
    public double? Number(string column) => double.TryParse(Cell(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
