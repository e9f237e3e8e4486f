using System.Diagnostics;
using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures loading and searching of synthetic logits tables, whose models are better than chance and differ from each other.</summary>
public static class EnsembleBench
{
    /// <summary>Writes the tables into <paramref name="folder"/>, measures, and deletes the folder.</summary>
    /// <param name="folder">A folder that does not exist yet.</param>
    /// <param name="models">Number of models, 1 to <see cref="Search.MostModels"/>.</param>
    /// <param name="rows">Number of rows per table.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Random seed of the logits.</param>
    public static EnsembleBenchResult Run(string folder, int models, int rows, int classes, long seed)
    {
        string[] paths = [.. Enumerable.Range(0, models).Select(m => Path.Combine(folder, $"model-{m:00}.parquet"))];
        try
        {
            for (var m = 0; m < models; m++)
            {
                Write(paths[m], m, rows, classes, seed);
            }

            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            ProcessMemory.ResetPeak();
            var before = ProcessMemory.ResidentBytes;
            var clock = Stopwatch.StartNew();
            var set = LogitsSet.Join(LogitsReader.Read(paths));
            var load = clock.Elapsed.TotalSeconds;
            var raw = 4.0 * models * rows * classes;
            var (after, peak) = (ProcessMemory.ResidentBytes, ProcessMemory.PeakBytes);
            clock.Restart();
            var scores = Search.Exhaustive(set);
            var search = clock.Elapsed.TotalSeconds;
            clock.Restart();
            Search.Exhaustive(set);
            return new EnsembleBenchResult
            {
                Models = models,
                Rows = rows,
                Classes = classes,
                LoadSeconds = load,
                LoadMemoryRatio = (after - before) / raw,
                LoadPeakMemoryRatio = (peak - before) / raw,
                SearchSeconds = search,
                SecondSearchSeconds = clock.Elapsed.TotalSeconds,
                Subsets = scores.Scores.Length - 1,
                SubsetsPerSecond = (scores.Scores.Length - 1) / search,
                Best = scores.Scores[scores.Best],
                BestSubset = scores.Best,
                Workers = Environment.ProcessorCount,
            };
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Write(string path, int model, int rows, int classes, long seed)
    {
        var metadata = new LogitsMetadata
        {
            Model = "synthetic",
            Run = Path.GetFileNameWithoutExtension(path),
            ClassNames = [.. Enumerable.Range(0, classes).Select(c => $"class-{c:000}")],
            Dataset = "synthetic",
            Split = "val",
            Seed = seed,
        };
        using var writer = new LogitsWriter(path, metadata);
        var logits = new float[classes];
        for (var row = 0; row < rows; row++)
        {
            // All models share the difficulty of an image; the rest is independent noise.
            var image = KeyedRandom.For(seed, 0, row, "image");
            var noise = KeyedRandom.For(seed, model + 1, row, "logits");
            var target = image.NextInteger(0, classes);
            var difficulty = image.NextNormal();
            for (var c = 0; c < classes; c++)
            {
                logits[c] = (float)((0.6 * image.NextNormal()) + noise.NextNormal());
            }

            logits[target] += (float)(4.5 - (1.5 * difficulty));
            writer.Append(row, $"val/{row}.png", target, logits);
        }

        writer.Complete();
    }
}
