using System.Collections.Immutable;

namespace SketchFlow.Scoring.Audit;

/// <summary>The result of an audit.</summary>
/// <param name="Images">All audited images by rank: likely label errors, then images with other findings, then the rest, each by ascending quality.</param>
/// <param name="Merging">Pairs of classes that merge, the largest share first.</param>
/// <param name="Joint">Estimated joint distribution of given and true classes.</param>
public sealed record AuditResult(ImmutableArray<AuditedImage> Images, ImmutableArray<MergingClasses> Merging, ConfidentJoint Joint)
{
    /// <summary>Counts the images with a finding.</summary>
    /// <param name="finding">The finding.</param>
    public int Count(AuditFindings finding) => Images.Count(i => i.Has(finding));
}
