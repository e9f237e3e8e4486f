using TorchSharp;
using static TorchSharp.torch.nn;

namespace SketchFlow.Learning.Training;

/// <summary>What training minimises.</summary>
public sealed record LossOptions
{
    /// <summary>Share of the target spread evenly over all classes (Szegedy et al., CVPR 2016); 0 is plain cross entropy.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Mean cross entropy of a batch, in float32 whatever the logits are.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public torch.Tensor Of(torch.Tensor logits, torch.Tensor targets) =>
        functional.cross_entropy(logits.to(torch.float32), targets, label_smoothing: LabelSmoothing);
}
