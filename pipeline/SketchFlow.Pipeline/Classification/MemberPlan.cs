using System.Collections.Immutable;
using SketchFlow.Pipeline.Prediction;

namespace SketchFlow.Pipeline.Classification;

/// <summary>One model of a combination: a network, or the folds of a run, whose logits are averaged.</summary>
/// <param name="Name">Name of the member.</param>
/// <param name="Parts">The networks.</param>
/// <param name="Augmentation">Test-time augmentation.</param>
internal sealed record MemberPlan(string Name, ImmutableArray<NetworkPlan> Parts, TestTimeAugmentation Augmentation)
{
    /// <summary>Temperature of the mean logits: the geometric mean of those of the parts; null if one of them is not calibrated.</summary>
    public double? Temperature => Parts is [var one] ? one.Temperature
        : Parts.All(p => p.Temperature is not null) ? Math.Exp(Parts.Average(p => Math.Log(p.Temperature!.Value)))
        : null;
}
