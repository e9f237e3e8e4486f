namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>What becomes of batch norms' running statistics in a soup.</summary>
public enum SoupStatistics
{
    /// <summary>Counted anew over training images, without augmentation.</summary>
    Recalibrate,

    /// <summary>Averaged like the weights.</summary>
    Average,
}
