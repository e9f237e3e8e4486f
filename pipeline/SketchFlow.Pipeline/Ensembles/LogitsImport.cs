using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>another tool's table ─> rows and classes checked and put in order ─> logits (Parquet)</summary>
public static class LogitsImport
{
    /// <summary>Brings in a table as a run's.</summary>
    /// <param name="artifacts">Where the logits are.</param>
    /// <param name="file">The other tool's table.</param>
    /// <param name="data">Folder of the data set; null is the one whose logits were written last.</param>
    /// <param name="split">val, test or train.</param>
    /// <param name="run">Name that it gets.</param>
    /// <param name="model">Architecture.</param>
    /// <param name="options">What the file does not say.</param>
    /// <returns>The written table, its rows, and its accuracy where targets are known.</returns>
    /// <exception cref="RefusalException">There are no rows to hold it against, it does not fit, or the run has a table already; nothing is written.</exception>
    public static (string Path, int Rows, double? Accuracy) Import(Artifacts artifacts, string file, string? data, string split, string run, string model, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        if (split is not ("train" or "val" or "test"))
        {
            throw new UsageException($"--split is '{split}', expected val, test or train.");
        }

        run = Artifacts.CheckName(run, "--run");
        var dataSet = data is null ? EnsembleJob.FindNewestDataSet(artifacts) : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)));
        var metadata = new LogitsMetadata { Model = model, Run = run, ClassNames = [], Preprocessing = $"imported from {Path.GetFileName(file)}", Dataset = dataSet, Split = split };
        var path = metadata.PathBelow(artifacts.Logits);
        if (File.Exists(path))
        {
            throw new RefusalException($"{path} exists, expected a run without a table of {split}; choose another --run, or delete that table.");
        }

        var table = ImportedTables.Read(file, Rows(artifacts, data, dataSet, split), metadata, options);
        using (var writer = new LogitsWriter(path, table.Metadata))
        {
            for (var i = 0; i < table.Rows; i++)
            {
                writer.Append(table.Ids[i], table.ImagePaths[i], table.Targets[i], table.Row(i));
            }

            writer.Complete();
        }

        return (path, table.Rows, table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : null);
    }

    /// <summary>The known rows: those of the split's tables, which every other has to have, or else the data set's own.</summary>
    private static ImportedRows Rows(Artifacts artifacts, string? data, string dataSet, string split)
    {
        if (RunLogits.Read(artifacts, dataSet, split) is { Set: var set })
        {
            return new ImportedRows(set.ClassNames, set.Ids, set.ImagePaths, set.Targets);
        }

        if (data is not null)
        {
            var opened = DataSetReader.Read(data);
            var samples = split switch { "test" => opened.Test, "val" => opened.Validation, _ => opened.Train };
            if (!samples.IsEmpty)
            {
                return ImportedRows.From(opened.Classes, samples);
            }
        }

        throw new RefusalException(
            $"There are no logits of {dataSet}/{split} in {artifacts.Logits}{(data is null ? " and no --data" : $" and {data} has no {split} split of its own")}, so the rows are not known; predict with a run of ours first, or give --data a folder with that split.");
    }
}
