using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

public static partial class Loss
{
    // - sum of w_c (q_c log s(x_c) + (1 - q_c) log s(-x_c)); smoothing before the threshold, as timm's BinaryCrossEntropy.
    private static torch.Tensor BinaryCrossEntropy(LossOptions options, torch.Tensor x, torch.Tensor targets)
    {
        var soft = Smoothed(options, Soft(targets, x.shape[1]));
        if (options.Threshold is { } threshold)
        {
            soft = soft.gt(threshold).to(torch.float32);
        }

        return Weighted(options, torch.nn.functional.binary_cross_entropy_with_logits(x, soft, reduction: torch.nn.Reduction.None)).sum();
    }
}
