using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>What training minimises. Every kind takes class numbers and soft targets alike, and computes in float32 whatever the logits are.</summary>
public sealed record LossOptions
{
    /// <summary>The kind.</summary>
    public LossKind Kind { get; init; } = LossKind.CrossEntropy;

    /// <summary>Share of the target spread evenly over all classes (Szegedy et al., CVPR 2016), for every kind; 0 is none.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>One weight a class, above 0. The softmax kinds divide by the targets' weights (PyTorch's mean); null weighs all alike.</summary>
    public ImmutableArray<double>? ClassWeights { get; init; }

    /// <summary>Class weights from the training images' counts: (mean count / count)^balance. 0 is off, 1 makes every class weigh the same in sum.</summary>
    public double Balance { get; init; }

    /// <summary>Focal: the exponent; 0 is cross entropy.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>Focal: a factor of the whole; a factor for each class is <see cref="ClassWeights"/>.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>Asymmetric: the exponent of a target's term.</summary>
    public double GammaPositive { get; init; } = 1;

    /// <summary>Asymmetric: the exponent of the other classes' terms.</summary>
    public double GammaNegative { get; init; } = 4;

    /// <summary>Asymmetric: probability that a class which is not the target may have for nothing.</summary>
    public double Margin { get; init; } = 0.05;

    /// <summary>Binary cross entropy: soft targets above this are 1 and the others 0 (timm's <c>bce_target_thresh</c>); null leaves them soft.</summary>
    public double? Threshold { get; init; }

    /// <summary>Binary cross entropy: sum over the classes (timm's <c>bce_sum</c>) instead of their mean.</summary>
    public bool SumClasses { get; init; }

    /// <summary>L1 penalty: this × the sum of |w| over the weights that decay, added to the loss; its gradient is clipped and averaged with the rest.</summary>
    public double L1 { get; init; }

    /// <summary>L2 penalty: this / 2 × the sum of w² over the weights that decay; unlike decoupled weight decay it passes through the moments.</summary>
    public double L2 { get; init; }

    /// <summary>The mean loss of a batch, float32, no dimensions.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public torch.Tensor Mean(torch.Tensor logits, torch.Tensor targets) => Loss.Mean(this, logits, targets);

    /// <summary>The options with <see cref="Balance"/> turned into <see cref="ClassWeights"/>.</summary>
    /// <param name="counts">Training images of each class.</param>
    /// <exception cref="RefusalException">Both are asked for.</exception>
    public LossOptions For(IReadOnlyList<int> counts)
    {
        if (Balance == 0)
        {
            return this;
        }

        if (ClassWeights is not null)
        {
            throw new RefusalException("loss.balance and loss.class_weights both set the classes' weights; leave one of them out.");
        }

        var mean = counts.Average();
        // A class without images has no target to weigh; 1 keeps its share of smoothed targets finite.
        return this with { Balance = 0, ClassWeights = [.. counts.Select(c => c == 0 ? 1 : Math.Pow(mean / c, Balance))] };
    }
}
