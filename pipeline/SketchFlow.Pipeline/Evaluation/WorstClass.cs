using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>A class with a low recall, and its mistakes.</summary>
/// <param name="Score">Recall and counts of the class.</param>
/// <param name="Predicted">Number of its wrong rows by predicted class, the most frequent first.</param>
/// <param name="Rows">Wrong rows, the lowest probability of the class first.</param>
internal sealed record WorstClass(ClassScore Score, ImmutableArray<(int Class, int Rows)> Predicted, ImmutableArray<int> Rows)
{
    /// <summary>Finds the classes with the lowest recall that have mistakes.</summary>
    /// <param name="result">The evaluation.</param>
    /// <param name="classes">Largest number of classes.</param>
    /// <param name="rows">Largest number of rows of each.</param>
    public static IReadOnlyList<WorstClass> Find(EvaluationResult result, int classes, int rows)
    {
        ArgumentNullException.ThrowIfNull(result);
        var predictions = result.Report.Predictions;
        var wrong = result.WorstRows.Where(r => predictions[r] != result.Targets[r]).ToLookup(r => result.Targets[r]);
        return
        [
            .. result.Report.WeakestClasses().Where(c => c.Right < c.Support).Take(classes).Select(c => new WorstClass(
                c,
                [.. wrong[c.Class].CountBy(r => predictions[r]).OrderByDescending(p => p.Value).ThenBy(p => p.Key).Select(p => (p.Key, p.Value))],
                [.. wrong[c.Class].Take(rows)])),
        ];
    }
}
