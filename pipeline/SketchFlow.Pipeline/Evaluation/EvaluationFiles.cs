using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>Writes an evaluation into a folder.</summary>
/// <remarks>
/// <c>metrics.json</c> (everything), <c>classes.csv</c>, <c>confusion.csv</c> (the matrix), <c>confusions.csv</c> (its pairs, most frequent first),
/// <c>reliability.csv</c>, <c>predictions.csv</c> (worst first), plots and <c>report.html</c>.
/// </remarks>
public static class EvaluationFiles
{
    /// <summary>File name of the HTML page.</summary>
    public const string ReportName = "report.html";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new NonFiniteAsNull<double>(), new NonFiniteAsNull<float>() },
    };

    /// <summary>Writes all files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="result">The evaluation.</param>
    /// <param name="images">Images by path, for the grid of the worst mistakes; null leaves the grid out.</param>
    public static void Write(string folder, EvaluationResult result, IReadOnlyDictionary<string, Sample>? images = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(result);
        WriteMetrics(Path.Combine(folder, "metrics.json"), result);
        WriteTables(folder, result);
        var page = EvaluationPage.Create(result, images);
        foreach (var (name, png) in page.Pictures)
        {
            WholeFile.Write(Path.Combine(folder, name), stream => stream.Write(png));
        }

        page.Page.Write(Path.Combine(folder, ReportName));
    }

    private static void WriteMetrics(string path, EvaluationResult result)
    {
        var (evaluated, report) = (result.Evaluated, result.Report);
        var set = evaluated.Set;
        var metrics = new
        {
            evaluated.Name,
            dataset = evaluated.DataSet,
            split = evaluated.Split,
            members = set.Members.Select(m => m.Metadata.Member),
            report.Rows,
            result.Rejected,
            top1 = report.Accuracy,
            top1_low = result.Accuracy.Low,
            top1_high = result.Accuracy.High,
            top5 = report.TopK,
            report.LogLoss,
            report.MacroF1,
            report.Ece,
            report.Brier,
            classes = report.PerClass.Select(c =>
                new { c.Class, name = set.ClassNames[c.Class], c.Support, c.Predicted, c.Right, c.Precision, c.Recall, c.F1 }),
            reliability = report.Reliability,
            confusions = ModelComparison.Confusions(report, int.MaxValue).Select(c => new { c.Target, c.Prediction, c.Rows }),
            against = result.Comparison is { } c
                ? new { c.Other.Name, c.Test.BothRight, c.Test.OnlyFirst, c.Test.OnlySecond, c.Test.BothWrong, c.Test.P }
                : null,
        };
        WholeFile.WriteText(path, JsonSerializer.Serialize(metrics, _json) + "\n");
    }

    private static void WriteTables(string folder, EvaluationResult result)
    {
        var (evaluated, report, targets) = (result.Evaluated, result.Report, result.Targets);
        var set = evaluated.Set;
        Csv("classes.csv", report.PerClass.Select(c => new
        {
            @class = c.Class,
            name = set.ClassNames[c.Class],
            support = c.Support,
            predicted = c.Predicted,
            right = c.Right,
            precision = c.Precision,
            recall = c.Recall,
            f1 = c.F1,
        }));
        Csv("confusions.csv", ModelComparison.Confusions(report, int.MaxValue).Select(c => new
        {
            target = c.Target,
            target_name = set.ClassNames[c.Target],
            prediction = c.Prediction,
            prediction_name = set.ClassNames[c.Prediction],
            rows = c.Rows,
        }));
        Csv("reliability.csv", report.Reliability.Select(b =>
            new { from = b.From, to = b.To, rows = b.Rows, confidence = b.Confidence, accuracy = b.Accuracy }));
        // Rows are targets and columns are predictions, both in the order of the classes.
        CsvFile.Write(Path.Combine(folder, "confusion.csv"), csv =>
        {
            for (var t = 0; t < set.Classes; t++)
            {
                csv.WriteRow(Enumerable.Range(0, set.Classes).Select(p => (object)report.Confusion[t, p]));
            }
        });
        Csv("predictions.csv", result.WorstRows.Select(r => new
        {
            id = set.Ids[r],
            image_path = set.ImagePaths[r],
            target = targets[r],
            prediction = report.Predictions[r],
            probability_of_target = result.Probability(r, targets[r]),
            probability_of_prediction = result.Probability(r, report.Predictions[r]),
        }));

        void Csv<T>(string name, IEnumerable<T> rows) => CsvFile.Write(Path.Combine(folder, name), rows);
    }
}
