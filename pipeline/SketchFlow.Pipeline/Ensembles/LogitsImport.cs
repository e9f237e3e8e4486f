using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>another tool's table ─> rows and classes checked and arranged ─> logits (Parquet)</summary>
public static class LogitsImport
{
    /// <summary>Imports a table of another tool as the table of a run.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="file">The other tool's table.</param>
    /// <param name="data">Folder of the data set; null selects the one whose logits were written last.</param>
    /// <param name="split">val, test or train.</param>
    /// <param name="run">Name of the new run.</param>
    /// <param name="model">Architecture.</param>
    /// <param name="options">Properties that the file does not state.</param>
    /// <returns>The written table, its number of rows, and its accuracy if targets are known.</returns>
    /// <exception cref="RefusalException">
    /// The expected rows are unknown, the table does not match them, or the run has a table already; nothing is written.
    /// </exception>
    // Seven parameters: each is one option of the verb, and a record would only be unpacked here.
    public static (string Path, int Rows, double? Accuracy) Import(
        Artifacts artifacts, string file, string? data, string split, string run, string model, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        if (split is not ("train" or "val" or "test"))
        {
            throw new UsageException($"--split is '{split}'{Spelling.DidYouMean(split, ["val", "test", "train"])}, expected val, test or train.");
        }

        run = Artifacts.CheckNewRun(run, "--run");
        var dataSet = data is null ? RunLogits.FindNewestDataSet(artifacts) : new DataSetNames(artifacts).Find(data);
        var metadata = new LogitsMetadata
        {
            Model = model,
            Run = run,
            ClassNames = [],
            Preprocessing = $"imported from {Path.GetFileName(file)}",
            Dataset = dataSet,
            Split = split,
        };
        var path = metadata.PathBelow(artifacts.Logits);
        if (File.Exists(path))
        {
            throw new RefusalException($"{path} exists, expected a run without a table of {split}; choose another --run, or delete that table.");
        }

        var table = Write(path, ImportedTables.Read(file, ExpectedRows(artifacts, data, dataSet, split), metadata, options));
        return (path, table.Rows, table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : null);
    }

    private static LogitsTable Write(string path, LogitsTable table)
    {
        using var writer = new LogitsWriter(path, table.Metadata);
        for (var i = 0; i < table.Rows; i++)
        {
            writer.Append(table.Ids[i], table.ImagePaths[i], table.Targets[i], table.Row(i));
        }

        return writer.Complete();
    }

    /// <summary>Determines the expected rows: those of the split's existing tables, or else of the data set itself.</summary>
    private static ImportedRows ExpectedRows(Artifacts artifacts, string? data, string dataSet, string split)
    {
        if (MemberTables.FindFiles(artifacts, dataSet, split).Length > 0)
        {
            // The rows of the largest group of runs: a damaged table must not prevent an import.
            var set = EnsembleInputs.ReadSplit(artifacts, dataSet, split, new TableCache()).Validation.Set;
            return new ImportedRows(set.ClassNames, set.Ids, set.ImagePaths, set.Targets)
            {
                SubmissionIds = Submission.IdsOf(set),
                Format = Submission.FormatOf(set),
            };
        }

        if (data is not null)
        {
            var opened = new DataSetNames(artifacts).Read(data);
            var samples = split switch { "test" => opened.Test, "val" => opened.Validation, _ => opened.Train };
            if (!samples.IsEmpty)
            {
                return ImportedRows.From(opened.Classes, samples) with
                {
                    SubmissionIds = PredictionStore.SubmissionIds(samples),
                    Format = split == "test" ? opened.Submission : null,
                };
            }
        }

        throw new RefusalException(
            $"There are no logits of {dataSet}/{split} in {artifacts.Logits}{(data is null ? " and no --data" : $" and {data} has no {split} split")}, "
            + "so the rows are not known; predict with a run first, or give --data a folder with that split.");
    }
}
