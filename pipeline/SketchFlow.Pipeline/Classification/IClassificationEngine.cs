using System.Collections.Immutable;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Computes the class probabilities of prepared images with one trained model; implementations differ in the library that runs its networks.</summary>
/// <remarks>
/// Properties may be read by all threads at any time. <see cref="Predict"/> may be called by any thread, but by one at a time, and not during or after
/// <see cref="IDisposable.Dispose"/>. The rows of a batch are independent of each other.
/// </remarks>
internal interface IClassificationEngine : IDisposable
{
    /// <summary>Human-readable name of the library and the device that compute, such as <c>torch on cpu</c>.</summary>
    string Name { get; }

    /// <summary>Human-readable name of the trained model, such as <c>the run a</c>.</summary>
    string Title { get; }

    /// <summary>The classes, in the order of their numbers.</summary>
    ImmutableArray<ClassName> Classes { get; }

    /// <summary>Facts that the user should know, in whole sentences.</summary>
    ImmutableArray<string> Notes { get; }

    /// <summary>Options with which image files are decoded.</summary>
    DecodeOptions Decode { get; }

    /// <summary>The sizes in which every image is needed, in the order of <see cref="PreparedBatch.Sizes"/>; none for decoded images.</summary>
    ImmutableArray<PadResizeOptions> Sizes { get; }

    /// <summary>Number of images per batch.</summary>
    int BatchSize { get; }

    /// <summary>Number of images that are prepared in parallel.</summary>
    int Workers { get; }

    /// <summary>Computes calibrated probabilities.</summary>
    /// <param name="batch">At least one usable image, in the sizes of <see cref="Sizes"/>; the caller keeps ownership.</param>
    /// <returns>One row per usable image, in their order.</returns>
    EnsemblePrediction Predict(PreparedBatch batch);
}
