using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Audit;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>
/// logits (Parquet) ─> calibrated probabilities ─> findings, weights. Computes only; <see cref="AuditFiles"/> writes. libtorch is not loaded, and OpenCV
/// only by the search for copies.
/// </summary>
internal static class AuditJob
{
    /// <summary>Name that stands for every run of a data set.</summary>
    public const string AllRuns = "all";

    /// <summary>Loads the mean prediction of all runs that have the same rows of a split.</summary>
    /// <returns>The prediction, and the runs that could not be used.</returns>
    /// <exception cref="RefusalException">There are no tables of that split that can be used.</exception>
    public static (EvaluatedRun All, ImmutableArray<LeftOutMember> LeftOut) LoadAll(Artifacts artifacts, string dataSet, string split, TableCache? cache = null)
    {
        var inputs = EnsembleInputs.ReadSplit(artifacts, dataSet, split, cache ?? new TableCache());
        var set = inputs.Validation.Set;
        return (new EvaluatedRun(AllRuns, dataSet, set, Combine.SoftVote(set)), inputs.LeftOut);
    }

    /// <summary>Audits the labels of a prediction's rows.</summary>
    /// <param name="evaluated">The prediction.</param>
    /// <param name="options">Thresholds and rules.</param>
    /// <param name="data">The data set with these images; null leaves out the weights of rows that were not predicted.</param>
    /// <param name="copies">Copies with other labels.</param>
    /// <param name="drop">Whether likely label errors have weight 0.</param>
    /// <exception cref="RefusalException">No row has a label, or there are fewer than two classes.</exception>
    public static AuditReport Run(EvaluatedRun evaluated, AuditOptions options, DataSet? data, CopySearch copies, bool drop)
    {
        ArgumentNullException.ThrowIfNull(evaluated);
        ArgumentNullException.ThrowIfNull(copies);
        var all = evaluated.Set;
        bool[] isRejected = [.. Enumerable.Range(0, all.Rows).Select(r => all.Members.Any(m => m.Statuses[r] != LogitsTable.Ok))];
        int[] rows = [.. Enumerable.Range(0, all.Rows).Where(r => !isRejected[r] && all.Targets[r] is not null)];
        if (rows.Length == 0 || all.Classes < 2)
        {
            throw new RefusalException(
                $"{evaluated.Name} has {rows.Length} labelled rows of {all.Classes} classes in {evaluated.DataSet}/{evaluated.Split}, expected labels and at "
                + "least 2 classes; audit a split that has labels (val, or train after train --folds).");
        }

        var set = rows.Length == all.Rows ? all : all.WithRows(rows);
        var labels = set.RequireTargets();
        var temperatures = Temperature.Fit(set);
        var prediction = evaluated.IsCalibrated ? Select(evaluated.Prediction, rows) : Combine.SoftVote(set, temperatures: temperatures);
        var unlearnable = LabelAudit.FindUnlearnable(set, temperatures, labels, options);
        AuditFindings[] others =
        [
            .. unlearnable.Select((u, r) => (u ? AuditFindings.Unlearnable : AuditFindings.None)
                | (copies.Found?.ContainsKey(set.ImagePaths[r]) == true ? AuditFindings.Duplicate : AuditFindings.None)),
        ];
        var result = LabelAudit.Run(prediction, labels, others, options);
        return new AuditReport
        {
            Name = evaluated.Name,
            DataSet = evaluated.DataSet,
            Split = evaluated.Split,
            Set = set,
            Result = result,
            Unlabelled = Enumerable.Range(0, all.Rows).Count(r => all.Targets[r] is null),
            Rejected = Enumerable.Range(0, all.Rows).Count(r => all.Targets[r] is not null && isRejected[r]),
            Temperatures = evaluated.IsCalibrated ? [] : [.. temperatures],
            Copies = copies,
            Weights = Weigh(set, result, data, drop),
            ChanceWarning = WarnOfChance(result, set.Classes),
        };
    }

    private static string? WarnOfChance(AuditResult result, int classes)
    {
        var (right, images, chance) = (result.Images.Count(i => i.Suggested == i.Given), result.Images.Length, 1.0 / classes);
        return BinomialTest.UpperTail(right, images, chance) <= 0.05 ? null
            : $"{Percent.Text((double)right / images)} of the images get their label, and {Percent.Text(chance)} would by chance: the findings say little "
                + "about the labels; audit a better model.";
    }

    private static EnsemblePrediction Select(EnsemblePrediction prediction, int[] rows) => rows.Length == prediction.Rows ? prediction : new EnsemblePrediction(
        prediction.Classes, [.. rows.SelectMany(r => prediction.Row(r).ToArray())], [.. rows.Select(r => prediction.Predictions[r])]);

    // The audited rows are training rows of another run: of each fold, or of one that is trained on the other part of the same table.
    private static ImmutableArray<WeightedRow>? Weigh(LogitsSet set, AuditResult result, DataSet? data, bool drop)
    {
        var audited = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var image in result.Images)
        {
            audited[set.ImagePaths[image.Row]] = LabelWeights.Compute(image, result.Joint, drop);
        }

        if (data is null)
        {
            return [.. set.Ids.Select((id, r) => new WeightedRow(id, set.ImagePaths[r], audited[set.ImagePaths[r]]))];
        }

        return data.Train.Any(s => audited.ContainsKey(s.ImagePath))
            ? [.. data.Train.Where(s => s is { Fault: null, Target: not null })
                .Select(s => new WeightedRow(s.Id, s.ImagePath, audited.GetValueOrDefault(s.ImagePath, 1)))]
            : null;
    }
}
