using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Prediction;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Settings of a <see cref="Engines.Classifier"/>.</summary>
public sealed record ClassifierOptions
{
    /// <summary>Number of classes per answer.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Number of images per batch; null is the trained model's own.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Whether the batch is as large as fits into memory.</summary>
    public bool FitsBatch { get; init; }

    /// <summary>auto, cpu or cuda; null is the trained model's own.</summary>
    public string? Device { get; init; }

    /// <summary>Mixed precision; null is the trained model's own.</summary>
    public AmpMode? Amp { get; init; }

    /// <summary>Whether products are in half precision: fp16 on a GPU, bf16 on a CPU.</summary>
    public bool Half { get; init; }

    /// <summary>The library that computes; null is libtorch for runs and weights, and ONNX Runtime for its own files.</summary>
    public EngineChoice? Engine { get; init; }

    /// <summary>Number of images per batch for which the faster engine is found; null is that of the batches.</summary>
    public int? MeasuredBatch { get; init; }

    /// <summary>Test-time augmentation of a run or of weights; the members of an ensemble have their own.</summary>
    public TestTimeAugmentation Augmentation { get; init; } = new();

    /// <summary>Architecture, or pretrained model with the preprocessing, of a file of weights that does not name its own; null for none.</summary>
    public string? Model { get; init; }
}
