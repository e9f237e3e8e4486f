using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Dataflow.Reports;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Images a second through decode, pad-resize, augment and batch, beside plain decoding of the same files.</summary>
public static class LoaderBench
{
    /// <summary>Measures in rounds, decoding and loading in turn, after one round that warms up the page cache and the compiler.</summary>
    /// <param name="options">The flow; the epoch changes with the round.</param>
    /// <param name="files">Benchmark JPEGs.</param>
    /// <param name="rounds">Pairs of measurements.</param>
    /// <param name="report">Takes a line a round.</param>
    public static LoaderResult Run(ImageFlowOptions options, IReadOnlyList<Sample> files, int rounds, Action<string> report)
    {
        var (loaded, decoded, ratios) = (new List<double>(), new List<double>(), new List<double>());
        FlowReport? last = null;
        for (var round = -1; round < rounds; round++)
        {
            var decode = Decode(files, options.Workers);
            // Epochs follow one another as in training, two to a measurement, so that filling the pipeline weighs as little as it does there.
            var watch = Stopwatch.StartNew();
            for (var half = 0; half < 2; half++)
            {
                last = ImageFlow.Batches(options with { Epoch = (2 * round) + half + 2 }, files).Run(static _ => { });
            }

            var load = 2 * files.Count / watch.Elapsed.TotalSeconds;
            if (round >= 0)
            {
                loaded.Add(load);
                decoded.Add(decode);
                ratios.Add(load / decode);
                report($"round {round + 1}: loader {load:0} images/s, plain colour decoding {decode:0} images/s, ratio {load / decode:0.00}");
            }
        }

        var stages = last!.Stages.ToDictionary(s => s.Name, s => s.Busy.TotalMicroseconds / files.Count, StringComparer.Ordinal);
        return new LoaderResult(Median(loaded), Median(decoded), Median(ratios), options.Workers, files.Count, stages, last.Flow);
    }

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Decode(IReadOnlyList<Sample> files, int workers)
    {
        var next = -1;
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < files.Count;)
            {
                BenchmarkImages.DecodeInColour(files[i]);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return files.Count / watch.Elapsed.TotalSeconds;
    }
}
