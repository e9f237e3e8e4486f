using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Finds the copies among images that a flow decodes: … ─> fingerprint.</summary>
internal static class TwinSearch
{
    /// <summary>Runs a flow of images and finds the copies among them.</summary>
    /// <param name="images">The images; a rejected image has no copies.</param>
    /// <param name="workers">Number of images whose fingerprints are computed in parallel.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>The samples that could be decoded, in the order of the flow, and the copies by their indices in that list.</returns>
    public static (IReadOnlyList<Sample> Samples, IReadOnlyList<Twin> Twins) Run(Flow<Pixels> images, int workers, CancellationToken cancellation)
    {
        var found = new List<FingerprintedSample>();
        images.Map("fingerprint", pixels => new FingerprintedSample(pixels.Sample, ImageFingerprint.Compute(pixels)), workers)
            .Run(found.Add, cancellation: cancellation);
        return (found.ConvertAll(f => f.Sample), TwinFinder.Find(found.ConvertAll(f => f.Fingerprint), new TwinOptions()));
    }

    private sealed record FingerprintedSample(Sample Sample, ImageFingerprint Fingerprint);
}
