using SketchFlow.Dataflow.Description;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Loading;

/// <summary>How images become batches.</summary>
public sealed record ImageFlowOptions
{
    /// <summary>Files to pixels.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>Pixels of any size to pixels of one size.</summary>
    public required PadResizeOptions Preparation { get; init; }

    /// <summary>Keeps decoded, resized images from one run of the flow to the next; null decodes each time.</summary>
    public ImageCache? Cache { get; init; }

    /// <summary>Transforms, resolved; the empty plan changes nothing.</summary>
    public AugmentPlan Augmentation { get; init; } = AugmentPlan.None;

    /// <summary>Seed of the transforms.</summary>
    public long Seed { get; init; }

    /// <summary>Epoch of the transforms.</summary>
    public int Epoch { get; init; }

    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>What becomes of a last batch that is not full.</summary>
    public LastBatch LastBatch { get; init; } = LastBatch.Keep;

    /// <summary>Prepare images on threads of the lowest priority: right where a model computes on the same cores.</summary>
    public bool Background { get; init; }

    /// <summary>Images under way at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
