using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

public static partial class Loss
{
    // - sum of w_c q_c log p_c, where q is smoothed.
    private static torch.Tensor CrossEntropy(LossOptions options, torch.Tensor x, torch.Tensor targets) => torch.nn.functional.cross_entropy(
        x, targets, Weights(options, x.device), reduction: torch.nn.Reduction.Sum, label_smoothing: options.LabelSmoothing);
}
