using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Finds the ranges of the values inside all networks of a trained model.</summary>
internal static class Calibration
{
    /// <summary>Runs every network on the images.</summary>
    /// <param name="engine">The loaded networks, on the CPU.</param>
    /// <param name="images">The images.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static Dictionary<NetworkPass, ActivationRanges> FindRanges(
        TorchEngine engine, ImmutableArray<Sample> images, ProgressBarFactory progress, CancellationToken cancellation)
    {
        var passes = engine.Members.SelectMany(m => m).SelectMany(n => n.Passes).ToDictionary(p => p, p => new Calibrator(p.Model));
        using (var bar = progress("calibrate", images.Length, "images"))
        {
            var done = 0;
            foreach (var (samples, batch) in PreparedRows.Prepare(engine.Decode, engine.Sizes, images, cancellation))
            {
                using (batch)
                {
                    foreach (var (pass, calibrator) in passes)
                    {
                        calibrator.Add(batch.Sizes[engine.Sizes.IndexOf(pass.Preparation)], pass.Views);
                    }
                }

                bar.Report(done += samples.Length);
            }
        }

        return passes.ToDictionary(p => p.Key, p => p.Value.FindRanges());
    }
}
