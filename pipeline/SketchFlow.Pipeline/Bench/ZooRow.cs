namespace SketchFlow.Pipeline.Bench;

/// <summary>One architecture's row.</summary>
/// <param name="Model">timm's name.</param>
public sealed record ZooRow(string Model)
{
    /// <summary>Side of the input in pixels.</summary>
    public int InputSize { get; init; }

    /// <summary>Learned scalars.</summary>
    public long Parameters { get; init; }

    /// <summary>Multiply-adds of one image.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Images a step.</summary>
    public int Batch { get; init; }

    /// <summary>Largest difference of a logit from timm's over the largest logit; null where there is no fixture, NaN where names or shapes differ.</summary>
    public double? Error { get; init; }

    /// <summary>False where a fixture of timm's does not agree within its tolerance.</summary>
    public bool Agrees { get; init; } = true;

    /// <summary>Inference in float32.</summary>
    public ZooRate Infer { get; init; }

    /// <summary>Inference in bfloat16.</summary>
    public ZooRate InferBFloat16 { get; init; }

    /// <summary>Training in float32.</summary>
    public ZooRate Train { get; init; }

    /// <summary>Training in bfloat16.</summary>
    public ZooRate TrainBFloat16 { get; init; }
}
