using System.Collections.Immutable;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>What is made of logits and targets.</summary>
public enum LossKind
{
    /// <summary>Softmax cross entropy; with (N, classes) targets the soft-target form that Mixup and CutMix need.</summary>
    CrossEntropy,

    /// <summary>Cross entropy whose easy images count less: each class's term times (1 - p)^gamma (Lin et al., ICCV 2017).</summary>
    Focal,

    /// <summary>A sigmoid for each class, each its own yes or no (Wightman et al., "ResNet strikes back", 2021).</summary>
    BinaryCrossEntropy,

    /// <summary>Sigmoids with different focusing for yes and no, and a margin below which a no costs nothing (Ridnik et al., ICCV 2021).</summary>
    Asymmetric,

    /// <summary>The same authors' form for one class an image: softmax, focused differently for the target and the others; no margin.</summary>
    AsymmetricSoftmax,
}

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
    public torch.Tensor Of(torch.Tensor logits, torch.Tensor targets) => Loss.Of(this, logits, targets);

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

/// <summary>Losses over a batch. The mean is a sum over a weight, so that the parts of a batch add up to the loss of the whole.</summary>
public static partial class Loss
{
    /// <summary>The mean loss of a batch, float32, no dimensions.</summary>
    /// <param name="options">Which, and how.</param>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public static torch.Tensor Of(LossOptions options, torch.Tensor logits, torch.Tensor targets) =>
        options is { Kind: LossKind.CrossEntropy, ClassWeights: null }
            ? torch.nn.functional.cross_entropy(logits.to(torch.float32), targets, label_smoothing: options.LabelSmoothing)
            : Sum(options, logits, targets) / Weight(options, targets, logits.shape[1]);

    /// <summary>The losses of a batch's images added up; over <see cref="Weight"/> of the batch that is their mean.</summary>
    public static torch.Tensor Sum(LossOptions options, torch.Tensor logits, torch.Tensor targets)
    {
        var x = logits.to(torch.float32);
        return options.Kind switch
        {
            LossKind.CrossEntropy => CrossEntropy(options, x, targets),
            LossKind.Focal => Focal(options, x, targets),
            LossKind.BinaryCrossEntropy => BinaryCrossEntropy(options, x, targets),
            LossKind.Asymmetric => Asymmetric(options, x, targets),
            LossKind.AsymmetricSoftmax => AsymmetricSoftmax(options, x, targets),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "No such loss."),
        };
    }

    /// <summary>What the sum is divided by, no dimensions: the number of images, or the sum of their targets' class weights.</summary>
    /// <remarks>
    /// PyTorch divides by the targets' weights for class numbers only, and by N for soft targets; here one-hot targets lose what
    /// class numbers lose. The sigmoid kinds weigh terms and divide by their number, as timm does.
    /// </remarks>
    public static torch.Tensor Weight(LossOptions options, torch.Tensor targets, long classes)
    {
        if (options.Kind is LossKind.BinaryCrossEntropy or LossKind.Asymmetric || options.ClassWeights is null)
        {
            var terms = options is { Kind: LossKind.BinaryCrossEntropy, SumClasses: false } ? classes : 1;
            return torch.tensor((float)(targets.shape[0] * terms), device: targets.device);
        }

        var weights = Weights(options, targets.device)!;
        return (targets.dim() == 2 ? targets.to(torch.float32).mv(weights) : weights.index_select(0, targets)).sum();
    }

    private static torch.Tensor? Weights(LossOptions options, torch.Device device) =>
        options.ClassWeights is { } weights ? torch.tensor([.. weights.Select(w => (float)w)], device: device) : null;

    private static torch.Tensor Weighted(LossOptions options, torch.Tensor terms) =>
        Weights(options, terms.device) is { } weights ? terms * weights : terms;

    private static torch.Tensor Soft(torch.Tensor targets, long classes) =>
        targets.dim() == 2 ? targets.to(torch.float32) : torch.nn.functional.one_hot(targets, classes).to(torch.float32);

    private static torch.Tensor Smoothed(LossOptions options, torch.Tensor soft) =>
        options.LabelSmoothing == 0 ? soft : (soft * (1 - options.LabelSmoothing)) + (options.LabelSmoothing / soft.shape[1]);

    // Clamped, because the derivative of x^gamma at 0 is infinite below gamma 1; the clamp's own is 0 there.
    private static torch.Tensor Power(torch.Tensor x, double gamma) => gamma == 1 ? x : x.clamp_min(1e-8).pow(gamma);
}
