namespace SketchFlow.Pipeline.Bench;

/// <summary>What the loader came to.</summary>
/// <param name="ImagesPerSecond">Through the whole path into batches; median of the rounds.</param>
/// <param name="DecodeImagesPerSecond">Plain colour decoding of the same files on the same number of threads; median of the rounds.</param>
/// <param name="Ratio">Median over the rounds of the one over the other, each pair measured in turn.</param>
/// <param name="Workers">Threads.</param>
/// <param name="Images">Files.</param>
/// <param name="Stages">Microseconds an image that each stage is busy on one worker.</param>
/// <param name="Flow">The flow, described.</param>
public sealed record LoaderResult(
    double ImagesPerSecond, double DecodeImagesPerSecond, double Ratio, int Workers, int Images, IReadOnlyDictionary<string, double> Stages, string Flow);
