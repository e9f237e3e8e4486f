using SketchFlow.Dataflow.Description;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Loading;

/// <summary>The options of the flow from files to batches.</summary>
public sealed record ImageFlowOptions
{
    /// <summary>Options of decoding.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>Options of resizing to one size.</summary>
    public required PadResizeOptions Preparation { get; init; }

    /// <summary>Cache of decoded, resized images across runs of the flow; null decodes each time.</summary>
    public ImageCache? Cache { get; init; }

    /// <summary>Augmentation; the empty plan changes nothing.</summary>
    public AugmentPlan Augmentation { get; init; } = AugmentPlan.None;

    /// <summary>Seed of the transforms.</summary>
    public long Seed { get; init; }

    /// <summary>Number of the epoch, from 0, which the random numbers of the transforms depend on.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of images per batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Treatment of an incomplete last batch.</summary>
    public LastBatch LastBatch { get; init; } = LastBatch.Keep;

    /// <summary>Whether images are prepared on threads of the lowest priority, which is right if a model computes on the same cores.</summary>
    public bool Background { get; init; }

    /// <summary>Number of images that are prepared in parallel.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
