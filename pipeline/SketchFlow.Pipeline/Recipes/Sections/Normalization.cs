namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Source of the mean and standard deviation by which images are normalised.</summary>
public enum Normalization
{
    /// <summary>The values that the architecture was trained with (ImageNet's, for most).</summary>
    Model,

    /// <summary>The values of the training images, computed in one pass before training (<c>sketchflow data stats</c> prints them).</summary>
    DataSet,
}
