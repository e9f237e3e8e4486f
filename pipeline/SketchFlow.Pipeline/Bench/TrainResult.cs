namespace SketchFlow.Pipeline.Bench;

/// <summary>What training came to; rates in images a second, shares and speed-ups as ratios.</summary>
public sealed record TrainResult
{
    /// <summary>The whole pipeline: files to steps.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The step alone, on a batch already in memory.</summary>
    public required double BareImagesPerSecond { get; init; }

    /// <summary>The one over the other, median of the epochs.</summary>
    public required double PipelineEfficiency { get; init; }

    /// <summary>The one over the other in the first epoch, when every image is read and decoded; later ones find them in memory where <c>data.cache_megabytes</c> has room.</summary>
    public required double FirstEpochEfficiency { get; init; }

    /// <summary>bfloat16 (float16 where the recipe says so) over float32, bare steps, whatever <c>--amp auto</c> chose.</summary>
    public required double AmpSpeedup { get; init; }

    /// <summary>What <c>--amp</c> came to for the rates above.</summary>
    public required string Autocast { get; init; }

    /// <summary>Channels last over channels first, bare steps.</summary>
    public required double ChannelsLastSpeedup { get; init; }

    /// <summary>Share of the bare step that the optimiser takes (norm, clipping, update, zeroing).</summary>
    public required double OptimizerShare { get; init; }

    /// <summary>Share of the pipeline's time that the step waits for data.</summary>
    public required double DataWaitShare { get; init; }

    /// <summary>Largest resident memory.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>Slope of resident memory over the epochs, the first two left out.</summary>
    public required double RssGrowthMbPerEpoch { get; init; }

    /// <summary>Change in live tensors from the third epoch to the last.</summary>
    public required long LiveTensorGrowth { get; init; }
}
