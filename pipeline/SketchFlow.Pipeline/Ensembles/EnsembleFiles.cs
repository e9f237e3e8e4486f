using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Writes the files of an ensemble: its definition and the test submission, then a page and a table of recalls.</summary>
/// <param name="artifacts">Folder of artifacts.</param>
/// <param name="name">Name of the ensemble.</param>
/// <param name="dataSet">Name of the data set.</param>
public sealed class EnsembleFiles(Artifacts artifacts, string name, string dataSet)
{
    /// <summary>File from which the ensemble can be rebuilt.</summary>
    public string Definition { get; } = EnsembleFile.PathOf(artifacts, name);

    /// <summary>File with the test predictions.</summary>
    public string Submission { get; } = artifacts.Submission(dataSet, name);

    /// <summary>HTML page.</summary>
    public string Page { get; } = Path.Combine(artifacts.Root, "reports", $"{name}.html");

    /// <summary>Table of the recall of every class.</summary>
    public string Recalls { get; } = Path.Combine(artifacts.Root, "reports", $"{name}-recall.csv");

    /// <summary>Writes the definition and, if there are test logits, the submission.</summary>
    /// <returns>Sentences about rows of the submission without a prediction; empty if every row has one.</returns>
    public ImmutableArray<string> WriteEnsemble(EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Definition.Save(Definition);
        return report.Test is { Tables.Set: var set, Prediction: var prediction }
            ? Scoring.Submissions.Submission.Write(Submission, set, prediction, set.Rows)
            : [];
    }

    /// <summary>Writes the page and the table of recalls.</summary>
    public void WriteReport(EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        EnsemblePage.Create(name, report).Write(Page);
        WriteRecalls(Recalls, report);
    }

    /// <summary>Writes the recall of every class by the ensemble and by each model: one row per class.</summary>
    public static void WriteRecalls(string path, EnsembleReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var set = report.Validation.Set;
        CsvFile.Write(path, csv =>
        {
            csv.WriteRow(["class", "name", "rows", "ensemble", .. set.Members.Select(m => m.Metadata.Member)]);
            for (var c = 0; c < set.Classes; c++)
            {
                var recalls = report.SingleModels.Prepend(report.Evaluation).Select(e => (object?)e.PerClass[c].Recall);
                csv.WriteRow([c, set.ClassNames[c], report.Evaluation.PerClass[c].Support, .. recalls]);
            }
        });
    }
}
