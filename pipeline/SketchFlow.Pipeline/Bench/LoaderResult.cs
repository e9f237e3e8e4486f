namespace SketchFlow.Pipeline.Bench;

/// <summary>The measurements of the loader.</summary>
/// <param name="ImagesPerSecond">Rate from files to batches; median of the rounds.</param>
/// <param name="DecodeImagesPerSecond">Rate of decoding these files alone, in colour, with equally many threads; median of the rounds.</param>
/// <param name="Ratio">Median over the rounds of loader rate / decoding rate, measured alternately.</param>
/// <param name="Workers">Number of threads.</param>
/// <param name="Images">Number of files.</param>
/// <param name="Stages">Processing time of each stage on one worker, in microseconds per image.</param>
/// <param name="Flow">Description of the flow.</param>
public sealed record LoaderResult(
    double ImagesPerSecond, double DecodeImagesPerSecond, double Ratio, int Workers, int Images, IReadOnlyDictionary<string, double> Stages, string Flow);
