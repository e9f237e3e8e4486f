using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Dataflow.Reports;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures the rate of decoding, padding, augmentation and batching, compared with decoding these files alone.</summary>
public static class LoaderBench
{
    /// <summary>Measures decoding and loading alternately, after a round that warms up the page cache and the JIT compiler.</summary>
    /// <param name="options">Options of the flow; the epoch changes with each round.</param>
    /// <param name="files">JPEG files.</param>
    /// <param name="rounds">Number of pairs of measurements.</param>
    /// <param name="log">Receives a line per round.</param>
    public static LoaderResult Run(ImageFlowOptions options, IReadOnlyList<Sample> files, int rounds, Action<string> log)
    {
        var (loaded, decoded, ratios) = (new List<double>(), new List<double>(), new List<double>());
        FlowReport? last = null;
        for (var round = -1; round < rounds; round++)
        {
            var decode = Decode(files, options.Workers);
            // Two epochs per measurement, without a pause as in training, so that filling the pipeline counts as little as there.
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
                log($"round {round + 1}: loader {load:0} images/s, plain colour decoding {decode:0} images/s, ratio {load / decode:0.00}");
            }
        }

        var stages = last!.Stages.ToDictionary(s => s.Name, s => s.Busy.TotalMicroseconds / files.Count, StringComparer.Ordinal);
        return new LoaderResult(Timing.Median(loaded), Timing.Median(decoded), Timing.Median(ratios), options.Workers, files.Count, stages, last.Flow);
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
