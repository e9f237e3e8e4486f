namespace SketchFlow.Pipeline.Bench;

/// <summary>The measurements of one architecture.</summary>
/// <param name="Model">Name in timm.</param>
public sealed record ZooRow(string Model)
{
    /// <summary>Width and height of the input in pixels.</summary>
    public int InputSize { get; init; }

    /// <summary>Number of trainable scalars.</summary>
    public long Parameters { get; init; }

    /// <summary>Multiply-adds per image.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Number of images per step.</summary>
    public int Batch { get; init; }

    /// <summary>Largest difference of a logit from timm's, relative to the largest logit; null without a fixture, NaN if names or shapes differ.</summary>
    public double? Error { get; init; }

    /// <summary>Whether the logits agree with timm's fixture within the tolerance; true without a fixture.</summary>
    public bool Agrees { get; init; } = true;

    /// <summary>Rate of inference in float32.</summary>
    public ZooRate Infer { get; init; }

    /// <summary>Rate of inference in bfloat16.</summary>
    public ZooRate InferBFloat16 { get; init; }

    /// <summary>Rate of training in float32.</summary>
    public ZooRate Train { get; init; }

    /// <summary>Rate of training in bfloat16.</summary>
    public ZooRate TrainBFloat16 { get; init; }
}
