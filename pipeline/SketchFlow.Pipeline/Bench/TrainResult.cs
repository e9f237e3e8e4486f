namespace SketchFlow.Pipeline.Bench;

/// <summary>The measurements of training; rates in images per second, shares and speed-ups as ratios.</summary>
public sealed record TrainResult
{
    /// <summary>Rate of the whole pipeline, from files to training steps.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Rate of the training step alone, with a batch in memory.</summary>
    public required double BareImagesPerSecond { get; init; }

    /// <summary>Pipeline rate / step rate; median of the epochs.</summary>
    public required double PipelineEfficiency { get; init; }

    /// <summary>
    /// Pipeline rate / step rate in the first epoch, in which every image is decoded; in later epochs images come from memory if
    /// <c>data.cache_megabytes</c> suffices.
    /// </summary>
    public required double FirstEpochEfficiency { get; init; }

    /// <summary>Speed-up of the step by bfloat16 (float16 if the recipe requests it) over float32, regardless of the choice of <c>--amp auto</c>.</summary>
    public required double AmpSpeedup { get; init; }

    /// <summary>Precision selected by <c>--amp</c> for the rates above.</summary>
    public required string Autocast { get; init; }

    /// <summary>Speed-up of the step by the channels-last layout over channels first.</summary>
    public required double ChannelsLastSpeedup { get; init; }

    /// <summary>Share of the optimiser in the time of the step (norm, clipping, update, zeroing of gradients).</summary>
    public required double OptimizerShare { get; init; }

    /// <summary>Share of the pipeline's time that the step waits for data.</summary>
    public required double DataWaitShare { get; init; }

    /// <summary>Peak resident memory in MiB.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>Slope of resident memory over the epochs without the first two, in MiB per epoch.</summary>
    public required double RssGrowthMbPerEpoch { get; init; }

    /// <summary>Change in the number of live tensors from the third epoch to the last.</summary>
    public required long LiveTensorGrowth { get; init; }
}
