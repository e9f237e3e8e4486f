using System.Globalization;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Runs.Listing;

/// <summary>A run as a row of a table: its name, the keys of its recipe, and its metrics at the best epoch.</summary>
/// <param name="Name">Name of the run; <c>RUN.fold-K</c> for a fold.</param>
/// <param name="Folder">The files of the run.</param>
/// <param name="Recipe">The recipe, flattened to dotted keys.</param>
/// <param name="Metrics">Metrics of the best epoch by column, averaged over the folds of a run that has folds; empty before the first epoch.</param>
/// <param name="Facts">Other columns: when, epochs_done, best_epoch, folds_done; of a refit also estimated_val_accuracy and estimated_by.</param>
public sealed record RunRow(
    string Name,
    RunFolder Folder,
    IReadOnlyDictionary<string, string> Recipe,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>The text of a column, which may have another name of <see cref="RecipeAliases"/>; null if this run has no such column.</summary>
    public string? Cell(string column) => RecipeAliases.Columns(column).Select(OwnCell).FirstOrDefault(cell => cell is not null);

    /// <summary>The number in a column; null if it holds none.</summary>
    public double? Number(string column) => double.TryParse(Cell(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The value of a column for readers, shares as percent; null if this run has no such column.</summary>
    public string? Text(string column) => Number(column) is { } number ? MetricText.Of(column, number, "0.######") : Cell(column);

    private string? OwnCell(string column) => column == "run" ? Name
        : Facts.TryGetValue(column, out var fact) ? fact
        : Metrics.TryGetValue(column, out var metric) ? metric.ToString("R", CultureInfo.InvariantCulture)
        : Recipe.GetValueOrDefault(column);
}
