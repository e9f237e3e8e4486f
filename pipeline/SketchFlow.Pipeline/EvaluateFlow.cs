using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using SketchFlow.Insight;
using SketchFlow.Samples;
using SketchFlow.Scoring;

namespace SketchFlow.Pipeline;

/// <summary>What one run or ensemble says of the rows of a split.</summary>
/// <param name="Name">The run's or ensemble's name.</param>
/// <param name="DataSet">The data set.</param>
/// <param name="Set">The rows, with the members behind the vote.</param>
/// <param name="Vote">Calibrated as the ensemble is; a run as it was trained.</param>
public sealed record Judged(string Name, string DataSet, LogitsSet Set, Vote Vote)
{
    /// <summary>The measurements.</summary>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public Evaluation Evaluate() => Metrics.Evaluate(Vote, Set.RequireTargets());
}

/// <summary>logits (Parquet) ─> vote ─> metrics ─> CSV, JSON and pictures. Plain arrays: neither libtorch nor OpenCV is loaded.</summary>
public static class EvaluateFlow
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The vote of a run.</summary>
    /// <exception cref="RefusalException">It has no table of that split.</exception>
    public static Judged OfRun(Artifacts artifacts, string dataSet, string split, string run)
    {
        var tables = EnsembleTables.Read(artifacts, dataSet, split, [run])
            ?? throw new RefusalException($"There are no {split} logits of the run {run} in {Path.Combine(artifacts.Logits, dataSet, split)}; run make predict RUN={run}.");
        return new Judged(run, dataSet, tables.Set, Combine.SoftVote(tables.Set));
    }

    /// <summary>The vote of a kept ensemble.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public static Judged OfEnsemble(Artifacts artifacts, string split, EnsembleFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var members = file.Members.OrderBy(m => m.Run, StringComparer.Ordinal).ToList();
        var tables = EnsembleTables.Read(artifacts, file.Dataset, split, [.. members.Select(m => m.Run)])
            ?? throw new RefusalException($"There are no {split} logits of {file.Dataset} in {artifacts.Logits}; make predict first.");
        file.Check(split, tables.Files);
        var set = tables.Set.Calibrated([.. members.Select(m => m.Temperature)]);
        return new Judged(name, file.Dataset, set, Combine.SoftVote(set, [.. members.Select(m => m.Weight)]));
    }

    /// <summary>The run of the highest accuracy on a split.</summary>
    /// <exception cref="RefusalException">There are no tables of that split, or they have no targets.</exception>
    public static string BestRun(Artifacts artifacts, string dataSet, string split)
    {
        var tables = EnsembleTables.Read(artifacts, dataSet, split)
            ?? throw new RefusalException($"There are no {split} logits of {dataSet} in {artifacts.Logits}; make predict first.");
        var targets = tables.Set.RequireTargets();
        return tables.Set.Members.MaxBy(m => Metrics.Evaluate(m.Logits.Span, tables.Set.Classes, targets).Accuracy)!.Metadata.Run;
    }

    /// <summary>McNemar's test of two votes over the same rows.</summary>
    /// <exception cref="RefusalException">Their rows are not the same.</exception>
    public static McNemar Against(Judged first, Judged second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!first.Set.Ids.AsSpan().SequenceEqual(second.Set.Ids) || !first.Set.ImagePaths.AsSpan().SequenceEqual(second.Set.ImagePaths))
        {
            throw new RefusalException($"{first.Name} ({first.Set.Rows} rows) and {second.Name} ({second.Set.Rows} rows) were not predicted over the same rows, expected the same; predict both over one split.");
        }

        return Compare.Test(first.Vote.Predictions, second.Vote.Predictions, first.Set.RequireTargets());
    }

    /// <summary>Writes <c>metrics.json</c>, <c>classes.csv</c>, <c>confusions.csv</c>, <c>predictions.csv</c>, three pictures and <c>report.html</c> into a folder.</summary>
    public static void Write(string folder, Judged judged, Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(judged);
        ArgumentNullException.ThrowIfNull(evaluation);
        var set = judged.Set;
        var targets = set.RequireTargets();
        WholeFile.WriteText(Path.Combine(folder, "metrics.json"), JsonSerializer.Serialize(
            new
            {
                judged.Name,
                dataset = judged.DataSet,
                evaluation.Rows,
                top1 = evaluation.Accuracy,
                top5 = evaluation.TopK,
                evaluation.LogLoss,
                evaluation.MacroF1,
                evaluation.Ece,
                evaluation.Brier,
            },
            _json) + "\n");
        Csv("classes.csv", evaluation.PerClass.Select(c => new { @class = c.Class, name = set.ClassNames[c.Class], support = c.Support, predicted = c.Predicted, right = c.Right, precision = c.Precision, recall = c.Recall, f1 = c.F1 }));
        Csv("confusions.csv", Compare.Confusions(evaluation, int.MaxValue).Select(c => new { target = c.Target, target_name = set.ClassNames[c.Target], prediction = c.Prediction, prediction_name = set.ClassNames[c.Prediction], rows = c.Rows }));
        // The worst rows first: the least probability for what they are.
        var worst = Enumerable.Range(0, set.Rows).OrderBy(r => judged.Vote.Row(r)[targets[r]]).ThenBy(r => r).ToList();
        Csv("predictions.csv", worst.Select(r => new
        {
            id = set.Ids[r],
            image_path = set.ImagePaths[r],
            target = targets[r],
            prediction = evaluation.Predictions[r],
            probability_of_target = judged.Vote.Row(r)[targets[r]],
            probability_of_prediction = judged.Vote.Row(r)[evaluation.Predictions[r]],
        }));
        var (recall, reliability, confusion) = (ClassPlots.Recall(judged.Name, evaluation), ClassPlots.Reliability(judged.Name, evaluation), ClassPlots.Confusion(judged.Name, evaluation));
        Picture("recall.png", recall);
        Picture("reliability.png", reliability);
        Picture("confusion.png", confusion);
        new HtmlReport(judged.Name).Text(evaluation.ToString())
            .Picture(recall, "recall by class")
            .Table(
                ["class", "recall", "precision", "rows"],
                evaluation.PerClass.Where(c => c.Recall is not null).OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(20)
                    .Select(c => (string[])[$"{c.Class} {set.ClassNames[c.Class]}", $"{c.Recall:0.000}", c.Precision is { } p ? $"{p:0.000}" : "-", $"{c.Support}"]))
            .Heading("Confusions").Picture(confusion, "confusion matrix")
            .Table(["class", "taken for", "rows"], Compare.Confusions(evaluation).Select(c => (string[])[$"{c.Target} {set.ClassNames[c.Target]}", $"{c.Prediction} {set.ClassNames[c.Prediction]}", $"{c.Rows}"]))
            .Heading("Calibration").Picture(reliability, "reliability diagram")
            .Write(Path.Combine(folder, "report.html"));

        void Picture(string name, byte[] png) => WholeFile.Write(Path.Combine(folder, name), stream => stream.Write(png));

        void Csv<T>(string name, IEnumerable<T> rows) => WholeFile.Write(Path.Combine(folder, name), stream =>
        {
            using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
            using var csv = new CsvWriter(text, CultureInfo.InvariantCulture, leaveOpen: true);
            csv.WriteRecords(rows);
        });
    }
}
