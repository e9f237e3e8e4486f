using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>One sigmoid per class, each a yes-or-no decision of its own (Wightman et al., "ResNet strikes back", 2021).</summary>
public sealed record BinaryCrossEntropy : Loss
{
    /// <summary>Soft targets above this become 1 and the others 0 (timm's <c>bce_target_thresh</c>); null leaves them soft.</summary>
    public double? Threshold { get; init; }

    /// <summary>Sum over the classes (timm's <c>bce_sum</c>) instead of their mean.</summary>
    public bool SumClasses { get; init; }

    /// <inheritdoc/>
    public override torch.Tensor Weight(torch.Tensor targets, long classes) => Count(targets, SumClasses ? 1 : classes);

    // - sum of w_c (q_c log s(x_c) + (1 - q_c) log s(-x_c)); smoothing precedes the threshold, as in timm's BinaryCrossEntropy.
    private protected override torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum();

    private protected override torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum(1);

    private torch.Tensor Terms(torch.Tensor x, torch.Tensor targets)
    {
        var soft = Smoothed(Soft(targets, x.shape[1]));
        if (Threshold is { } threshold)
        {
            soft = soft.gt(Keep(threshold)).to(torch.float32);
        }

        return Weighted(torch.nn.functional.binary_cross_entropy_with_logits(x, soft, reduction: torch.nn.Reduction.None));
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Threshold is null or (>= 0 and < 1), Threshold, "0 to below 1");
    }
}
