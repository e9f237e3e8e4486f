namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>Treatment of the running statistics of batch norms in a soup.</summary>
public enum SoupStatistics
{
    /// <summary>Recomputed over training images without augmentation.</summary>
    Recalibrate,

    /// <summary>Averaged like the weights.</summary>
    Average,
}
