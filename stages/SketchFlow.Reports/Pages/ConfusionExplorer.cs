using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Pages;

/// <summary>A confusion matrix of a page that is sorted, searched and zoomed; the data for the script, as JSON.</summary>
internal sealed class ConfusionExplorer
{
    /// <summary>Largest number of classes; matrices of more would make the page too large.</summary>
    public const int MostClasses = 2000;

    /// <summary>Computes the data.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="names">Class names by number.</param>
    public ConfusionExplorer(ClassificationReport report, IReadOnlyList<string> names)
    {
        var classes = report.PerClass.Length;
        // JSON hides control characters from the template, which would clean them.
        Names = JsonSerializer.Serialize(names.Select(n => PrintableText.Line(n)));
        Support = JsonSerializer.Serialize(report.PerClass.Select(c => c.Support));
        Similar = JsonSerializer.Serialize(ConfusionOrder.BySimilarity(report.Confusion));
        var cells = new List<int>();
        for (var t = 0; t < classes; t++)
        {
            for (var p = 0; p < classes; p++)
            {
                if (report.Confusion[t, p] > 0)
                {
                    cells.AddRange([t, p, report.Confusion[t, p]]);
                }
            }
        }

        Cells = JsonSerializer.Serialize(cells);
        Summary = $"Confusion matrix of {classes} classes, true classes from top to bottom, predicted classes from left to right";
    }

    /// <summary>Class names by number.</summary>
    public string Names { get; }

    /// <summary>Number of rows of each class.</summary>
    public string Support { get; }

    /// <summary>Class numbers in the order of their similarity.</summary>
    public string Similar { get; }

    /// <summary>Target, prediction and number of rows of each cell that is not 0, one after the other.</summary>
    public string Cells { get; }

    /// <summary>Name of the picture for readers who cannot see it.</summary>
    public string Summary { get; }
}
