using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>Softmax cross entropy; with (N, classes) targets the soft-target form that Mixup and CutMix need.</summary>
public sealed record CrossEntropy : Loss
{
    /// <inheritdoc/>
    public override torch.Tensor Mean(torch.Tensor logits, torch.Tensor targets) => ClassWeights is null
        ? torch.nn.functional.cross_entropy(logits.to(torch.float32), targets, label_smoothing: LabelSmoothing)
        : base.Mean(logits, targets);

    // - sum of w_c q_c log p_c, where q is smoothed.
    private protected override torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets) => torch.nn.functional.cross_entropy(
        x, targets, WeightTensor(x.device), reduction: torch.nn.Reduction.Sum, label_smoothing: LabelSmoothing);

    private protected override torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets) => torch.nn.functional.cross_entropy(
        x, targets, WeightTensor(x.device), reduction: torch.nn.Reduction.None, label_smoothing: LabelSmoothing);
}
