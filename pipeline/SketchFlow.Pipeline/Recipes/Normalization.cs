namespace SketchFlow.Pipeline.Recipes;

/// <summary>Whose mean and standard deviation images are normalised by.</summary>
public enum Normalization
{
    /// <summary>Those that the architecture was trained with (ImageNet's, for most).</summary>
    Model,

    /// <summary>Those of the training images, counted in one pass before training (<c>sketchflow data stats</c> prints them).</summary>
    DataSet,
}
