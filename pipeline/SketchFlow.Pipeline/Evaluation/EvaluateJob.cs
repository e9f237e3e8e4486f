using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>logits (Parquet) ─> vote ─> metrics ─> CSV, JSON and pictures. Plain arrays: neither libtorch nor OpenCV is loaded.</summary>
public static class EvaluateJob
{
    private const int MostImages = 36;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The vote of a run.</summary>
    /// <exception cref="RefusalException">It has no table of that split.</exception>
    public static EvaluatedRun LoadRun(Artifacts artifacts, string dataSet, string split, string run)
    {
        var tables = RunLogits.Read(artifacts, dataSet, split, [run])
            ?? throw new RefusalException($"There are no {split} logits of the run {run} in {Path.Combine(artifacts.Logits, dataSet, split)}; run make predict RUN={run}.");
        return new EvaluatedRun(run, dataSet, tables.Set, Combine.SoftVote(tables.Set));
    }

    /// <summary>The vote of a kept ensemble.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public static EvaluatedRun LoadEnsemble(Artifacts artifacts, string split, EnsembleFile file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (validation, combination) = EnsembleJob.Restore(artifacts, file);
        var tables = string.Equals(split, RunLogits.Validation, StringComparison.Ordinal)
            ? validation
            : RunLogits.Read(artifacts, file.Dataset, split, validation.Runs)
                ?? throw new RefusalException($"There are no {split} logits of {file.Dataset} in {artifacts.Logits}; make predict first.");
        file.Verify(split, tables.Files);
        return new EvaluatedRun(name, file.Dataset, tables.Set, combination.Apply(tables.Set));
    }

    /// <summary>The vote of a run, or, where there is no run of that name, of the kept ensemble.</summary>
    /// <exception cref="RefusalException">There is neither, or a table is missing or has changed.</exception>
    public static EvaluatedRun Load(Artifacts artifacts, string dataSet, string split, string name)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var kept = EnsembleFile.PathOf(artifacts, name);
        if (RunLogits.Read(artifacts, dataSet, split, [name]) is { } tables)
        {
            return new EvaluatedRun(name, dataSet, tables.Set, Combine.SoftVote(tables.Set));
        }

        return File.Exists(kept)
            ? LoadEnsemble(artifacts, split, EnsembleFile.Load(kept), name)
            : throw new RefusalException($"There are neither {split} logits of a run {name} in {Path.Combine(artifacts.Logits, dataSet, split)} nor an ensemble {kept}; run make predict RUN={name}, or name one of those there.");
    }

    /// <summary>Where the images of a split are: the folder given, or that of a run that is judged, or the built-in data; null where none has them.</summary>
    /// <param name="artifacts">Where runs and built-in data are.</param>
    /// <param name="evaluated">Whose images.</param>
    /// <param name="data">Folder of the data set, or null.</param>
    public static IReadOnlyDictionary<string, Sample>? FindImages(Artifacts artifacts, EvaluatedRun evaluated, string? data)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(evaluated);
        var folders = evaluated.Set.Members.Select(m => artifacts.Run(m.Metadata.Run)).Where(r => File.Exists(r.Recipe)).Select(DataOf).Prepend(data)
            .Append(Path.Combine(artifacts.Data, evaluated.DataSet)).Where(f => f is not null && Directory.Exists(f)).Distinct(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var opened = DataSetReader.Read(folder!);
            // The same path in two splits is the same file.
            var samples = opened.Train.Concat(opened.Validation).Concat(opened.Test).DistinctBy(s => s.ImagePath, StringComparer.Ordinal).ToDictionary(s => s.ImagePath, StringComparer.Ordinal);
            if (evaluated.Set.ImagePaths.All(samples.ContainsKey))
            {
                return samples;
            }
        }

        return null;

        static string? DataOf(RunFolder run)
        {
            try
            {
                return run.Read().Data.Path;
            }
            catch (RefusalException)
            {
                // A recipe of another time: the pictures are looked for elsewhere.
                return null;
            }
        }
    }

    /// <summary>The run of the highest accuracy on a split.</summary>
    /// <exception cref="RefusalException">There are no tables of that split, or they have no targets.</exception>
    public static string BestRun(Artifacts artifacts, string dataSet, string split)
    {
        var tables = RunLogits.Read(artifacts, dataSet, split)
            ?? throw new RefusalException($"There are no {split} logits of {dataSet} in {artifacts.Logits}; make predict first.");
        var targets = tables.Set.RequireTargets();
        return tables.Set.Members.MaxBy(m => ClassificationMetrics.Evaluate(m.Logits.Span, tables.Set.Classes, targets).Accuracy)!.Metadata.Run;
    }

    /// <summary>McNemar's test of two votes over the same rows.</summary>
    /// <exception cref="RefusalException">Their rows are not the same.</exception>
    public static McNemarResult Compare(EvaluatedRun first, EvaluatedRun second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!first.Set.Ids.AsSpan().SequenceEqual(second.Set.Ids) || !first.Set.ImagePaths.AsSpan().SequenceEqual(second.Set.ImagePaths))
        {
            throw new RefusalException($"{first.Name} ({first.Set.Rows} rows) and {second.Name} ({second.Set.Rows} rows) were not predicted over the same rows, expected the same; predict both over one split.");
        }

        return ModelComparison.McNemarTest(first.Prediction.Predictions, second.Prediction.Predictions, first.Set.RequireTargets());
    }

    /// <summary>
    /// Writes <c>metrics.json</c>, <c>classes.csv</c>, <c>confusion.csv</c> (the whole matrix), <c>confusions.csv</c> (its pairs, the most first), <c>reliability.csv</c>,
    /// <c>predictions.csv</c> (the worst first), pictures and <c>report.html</c> into a folder.
    /// </summary>
    /// <param name="folder">Where they go.</param>
    /// <param name="judged">What is measured.</param>
    /// <param name="evaluation">Its measurements.</param>
    /// <param name="images">The images by their paths, for the grid of the worst; null makes none.</param>
    /// <param name="against">What it is compared with, and the test.</param>
    public static void Write(string folder, EvaluatedRun judged, ClassificationReport evaluation, IReadOnlyDictionary<string, Sample>? images = null, (EvaluatedRun Other, McNemarResult Test)? against = null)
    {
        ArgumentNullException.ThrowIfNull(judged);
        ArgumentNullException.ThrowIfNull(evaluation);
        var set = judged.Set;
        var targets = set.RequireTargets();
        string Class(int c) => $"{c} {set.ClassNames[c]}";
        var interval = Resampling.Bootstrap(judged.Prediction, targets);
        var rejected = Enumerable.Range(0, set.Rows).Count(r => set.Members.Any(m => !string.Equals(m.Statuses[r], LogitsTable.Ok, StringComparison.Ordinal)));
        WholeFile.WriteText(Path.Combine(folder, "metrics.json"), JsonSerializer.Serialize(
            new
            {
                judged.Name,
                dataset = judged.DataSet,
                split = set.Members[0].Metadata.Split,
                members = set.Members.Select(m => m.Metadata.Run),
                evaluation.Rows,
                rejected,
                top1 = evaluation.Accuracy,
                top1_low = interval.Low,
                top1_high = interval.High,
                top5 = evaluation.TopK,
                evaluation.LogLoss,
                evaluation.MacroF1,
                evaluation.Ece,
                evaluation.Brier,
                classes = evaluation.PerClass.Select(c => new { c.Class, name = set.ClassNames[c.Class], c.Support, c.Predicted, c.Right, c.Precision, c.Recall, c.F1 }),
                reliability = evaluation.Reliability,
                confusions = ModelComparison.Confusions(evaluation, int.MaxValue).Select(c => new { c.Target, c.Prediction, c.Rows }),
                against = against is { } a ? new { a.Other.Name, a.Test.BothRight, a.Test.OnlyFirst, a.Test.OnlySecond, a.Test.BothWrong, a.Test.P } : null,
            },
            _json) + "\n");
        Csv("classes.csv", evaluation.PerClass.Select(c => new { @class = c.Class, name = set.ClassNames[c.Class], support = c.Support, predicted = c.Predicted, right = c.Right, precision = c.Precision, recall = c.Recall, f1 = c.F1 }));
        Csv("confusions.csv", ModelComparison.Confusions(evaluation, int.MaxValue).Select(c => new { target = c.Target, target_name = set.ClassNames[c.Target], prediction = c.Prediction, prediction_name = set.ClassNames[c.Prediction], rows = c.Rows }));
        Csv("reliability.csv", evaluation.Reliability.Select(b => new { from = b.From, to = b.To, rows = b.Rows, confidence = b.Confidence, accuracy = b.Accuracy }));
        // Targets down, predictions across, both in the order of the classes.
        CsvFile.Write(Path.Combine(folder, "confusion.csv"), csv =>
        {
            for (var t = 0; t < set.Classes; t++)
            {
                csv.WriteRow(Enumerable.Range(0, set.Classes).Select(p => (object)evaluation.Confusion[t, p]));
            }
        });
        // The worst rows first: the least probability for what they are.
        var worst = Enumerable.Range(0, set.Rows).OrderBy(r => judged.Prediction.Row(r)[targets[r]]).ThenBy(r => r).ToList();
        Csv("predictions.csv", worst.Select(r => new
        {
            id = set.Ids[r],
            image_path = set.ImagePaths[r],
            target = targets[r],
            prediction = evaluation.Predictions[r],
            probability_of_target = judged.Prediction.Row(r)[targets[r]],
            probability_of_prediction = judged.Prediction.Row(r)[evaluation.Predictions[r]],
        }));
        var (recall, reliability, confusion) =
            (RecallPlot.Draw(judged.Name, evaluation, names: set.ClassNames), ReliabilityDiagram.Draw(judged.Name, evaluation), ConfusionMatrixPlot.Draw(judged.Name, evaluation, set.ClassNames));
        Picture("recall.png", recall);
        Picture("reliability.png", reliability);
        Picture("confusion.png", confusion);
        var page = new HtmlReport(judged.Name)
            .Text($"{judged.DataSet}/{set.Members[0].Metadata.Split}, {evaluation.Rows} rows of {set.Classes} classes, {rejected} of them rejected images; {(set.Members.Length == 1 ? set.Members[0].Metadata.Model : $"{set.Members.Length} members")}.")
            .Figures(
            [
                ($"top-1, {interval.Low:0.0000} to {interval.High:0.0000}", $"{evaluation.Accuracy:0.0000}"), ($"top-{evaluation.K}", $"{evaluation.TopK:0.0000}"), ("log-loss", $"{evaluation.LogLoss:0.0000}"),
                ("macro F1", $"{evaluation.MacroF1:0.0000}"), ("ECE", $"{evaluation.Ece:0.0000}"), ("Brier", $"{evaluation.Brier:0.0000}"),
            ]);
        if (against is { Other: var other, Test: var test })
        {
            page.Heading($"Against {other.Name}").Table(
                ["", $"{other.Name} right", $"{other.Name} wrong"],
                [[$"{judged.Name} right", $"{test.BothRight}", $"{test.OnlyFirst}"], [$"{judged.Name} wrong", $"{test.OnlySecond}", $"{test.BothWrong}"]])
                .Text($"McNemar's exact test: p = {test.P:0.0000}{(test.P < 0.05 ? "" : ", which may well be chance")}.");
        }

        page.Heading("Classes").Picture(recall, "recall by class")
            .Table(
                ["class", "recall", "precision", "F1", "rows", "most taken for"],
                EnsembleReports.WorstClasses(evaluation).Take(20).Select(c => (string[])
                [
                    Class(c.Class), $"{c.Recall:0.000}", c.Precision is { } p ? $"{p:0.000}" : "-", $"{c.F1:0.000}", $"{c.Support}",
                    Enumerable.Range(0, set.Classes).Where(q => q != c.Class && evaluation.Confusion[c.Class, q] > 0).OrderByDescending(q => evaluation.Confusion[c.Class, q]).Select(Class).FirstOrDefault() ?? "",
                ]))
            .Heading("Confusions").Picture(confusion, "confusion matrix")
            .Table(["class", "taken for", "rows"], ModelComparison.Confusions(evaluation).Select(c => (string[])[Class(c.Target), Class(c.Prediction), $"{c.Rows}"]))
            .Heading("Calibration").Picture(reliability, "reliability diagram");
        if (images is not null)
        {
            var grid = ImageGrid.Draw($"{judged.Name}: the images least taken for what they are", [.. worst.Where(r => evaluation.Predictions[r] != targets[r]).Take(MostImages).Select(Shown)]);
            Picture("worst.png", grid);
            page.Heading("Worst images").Picture(grid, "the images of the least probability for their class");
        }

        page.Write(Path.Combine(folder, "report.html"));

        GridImage Shown(int r) => new(
            images![set.ImagePaths[r]].OpenRead,
            [
                $"{Class(targets[r])}: {judged.Prediction.Row(r)[targets[r]]:0.000}",
                $"taken for {Class(evaluation.Predictions[r])}: {judged.Prediction.Row(r)[evaluation.Predictions[r]]:0.000}",
                $"id {set.Ids[r]}, {set.ImagePaths[r]}",
            ]);

        void Picture(string name, byte[] png) => WholeFile.Write(Path.Combine(folder, name), stream => stream.Write(png));

        void Csv<T>(string name, IEnumerable<T> rows) => CsvFile.Write(Path.Combine(folder, name), rows);
    }
}
