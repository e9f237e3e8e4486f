namespace SketchFlow.Scoring.Audit;

/// <summary>Computes weights of training images from an audit.</summary>
public static class LabelWeights
{
    /// <summary>Least weight of an image that is not dropped.</summary>
    public const double Smallest = 0.05;

    /// <summary>Computes the weight of an image.</summary>
    /// <remarks>
    /// An image without a likely label error has weight 1, also one that is ambiguous or an outlier: hard images are worth learning. A likely error has the
    /// probability of its given class divided by the mean probability that images of that class reach (the class's threshold), from
    /// <see cref="Smallest"/> to 1, or 0 where errors are dropped.
    /// </remarks>
    /// <param name="image">The image.</param>
    /// <param name="joint">Joint distribution with the thresholds of the classes.</param>
    /// <param name="drop">Whether likely errors have weight 0.</param>
    public static double Compute(AuditedImage image, ConfidentJoint joint, bool drop)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(joint);
        return !image.Has(AuditFindings.LabelError) ? 1
            : drop ? 0
            : Math.Clamp(image.GivenProbability / joint.Thresholds[image.Given], Smallest, 1);
    }
}
