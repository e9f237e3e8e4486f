namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Side of the training images from an epoch on; validation and prediction always use the recipe's <c>image_size</c>.</summary>
/// <remarks>For networks whose tensors do not depend on the size (convolutional ones).</remarks>
public sealed record SizeStage
{
    /// <summary>First epoch of the stage, from 0.</summary>
    public int FromEpoch { get; init; }

    /// <summary>Side of the square input in pixels.</summary>
    public int Size { get; init; }
}
