namespace SketchFlow.Pipeline.Recipes;

/// <summary>From an epoch on, the side of the training images; validation and prediction always see the recipe's <c>image_size</c>.</summary>
/// <remarks>For networks whose tensors do not depend on the size (convolutional ones).</remarks>
public sealed record SizeStage
{
    /// <summary>Epoch from 0.</summary>
    public int FromEpoch { get; init; }

    /// <summary>Side of the square input, pixels.</summary>
    public int Size { get; init; }
}
