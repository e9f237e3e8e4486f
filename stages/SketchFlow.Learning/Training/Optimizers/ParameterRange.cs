namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adjacent parameters that move by the same rule with the same options.</summary>
/// <param name="Start">Index of the first element.</param>
/// <param name="End">Index after the last element.</param>
/// <param name="Decays">Whether weight decay applies.</param>
/// <param name="Factor">Factor of the learning rate; null where it differs within the range.</param>
/// <param name="Born">Step before the parameters' first step.</param>
internal readonly record struct ParameterRange(long Start, long End, bool Decays, double? Factor, long Born)
{
    /// <summary>Joins adjacent ranges that move in the same way.</summary>
    /// <param name="ranges">Ranges in the order of the buffer.</param>
    /// <param name="acrossFactors">Whether to join ranges that differ in their learning rate only.</param>
    public static ParameterRange[] Merge(IEnumerable<ParameterRange> ranges, bool acrossFactors)
    {
        var merged = new List<ParameterRange>();
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && merged[^1] is var last && last.End == range.Start && (last.Decays, last.Born) == (range.Decays, range.Born)
                && (acrossFactors || last.Factor == range.Factor))
            {
                merged[^1] = last with { End = range.End, Factor = last.Factor == range.Factor ? range.Factor : null };
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }
}
