namespace SketchFlow.Scoring.Audit;

/// <summary>Rule that selects the likely label errors from the estimated joint distribution of given and true classes.</summary>
/// <remarks>The methods of section 3.2 of Northcutt et al. (JAIR 2021); cleanlab's names of them are in brackets.</remarks>
public enum PruneMethod
{
    /// <summary>For each pair of classes, as many images as the joint says, those with the largest margin for the other class (prune_by_noise_rate).</summary>
    NoiseRate,

    /// <summary>For each class, as many images as the joint says, those with the lowest probability of their given class (prune_by_class).</summary>
    Class,

    /// <summary>Images that both rules select (both).</summary>
    Both,

    /// <summary>Images that are confidently counted for another class than the given one (confident_learning).</summary>
    Confident,
}
