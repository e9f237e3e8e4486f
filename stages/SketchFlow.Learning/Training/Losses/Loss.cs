using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>
/// A function that training minimises, with its options. Every loss accepts class numbers and soft targets, and computes in float32 for logits of
/// any type.
/// </summary>
/// <remarks>
/// The mean is <see cref="Sum"/> over <see cref="Weight"/>, so that the parts of a batch add up to the loss of the whole batch. A new loss is a sealed
/// record derived from this one; recipes, the reference page and the tests find it by reflection.
/// </remarks>
public abstract record Loss : Kind
{
    /// <summary>Share of the target that is spread evenly over all classes (Szegedy et al., CVPR 2016); 0 is none.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// One weight per class, above 0; null gives all classes the same weight. Losses on the softmax divide by the weights of the targets (PyTorch's mean).
    /// </summary>
    public ImmutableArray<double>? ClassWeights { get; init; }

    /// <summary>
    /// Exponent of class weights from the numbers of training images: (mean count / count)^balance. 0 is off; with 1 all classes have the same total weight.
    /// </summary>
    public double Balance { get; init; }

    /// <summary>L1 penalty: this × the sum of |w| over the weights that decay, added to the loss; its gradient is clipped and averaged with the rest.</summary>
    public double L1 { get; init; }

    /// <summary>L2 penalty: this / 2 × the sum of w² over the weights that decay; unlike decoupled weight decay it passes through the moments.</summary>
    public double L2 { get; init; }

    /// <summary>Computes the mean loss of a batch, float32, no dimensions.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public virtual torch.Tensor Mean(torch.Tensor logits, torch.Tensor targets) => Sum(logits, targets) / Weight(targets, logits.shape[1]);

    /// <summary>Computes the sum of the losses of a batch's images; divided by <see cref="Weight"/> of the batch it is their mean.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public torch.Tensor Sum(torch.Tensor logits, torch.Tensor targets) => SumInFloat32(logits.to(torch.float32), targets);

    /// <summary>Computes the weighted sum of the losses of a batch's images; a weight of 2 counts as two equal images, and 0 leaves an image out.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    /// <param name="imageWeights">Weight of each image, (N) float32, 0 or more.</param>
    public torch.Tensor WeightedSum(torch.Tensor logits, torch.Tensor targets, torch.Tensor imageWeights)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return PerImage(logits.to(torch.float32), targets).dot(imageWeights);
    }

    /// <summary>Computes the divisor of the mean, no dimensions: the number of images, or the sum of their targets' class weights.</summary>
    /// <remarks>
    /// PyTorch divides by the targets' weights for class numbers only, and by N for soft targets; here one-hot targets and class numbers have the same
    /// loss. Losses on sigmoids weight each term and divide by the number of terms, as timm does.
    /// </remarks>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    /// <param name="classes">Number of classes.</param>
    public virtual torch.Tensor Weight(torch.Tensor targets, long classes)
    {
        if (WeightTensor(targets.device) is not { } weights)
        {
            return Count(targets, termsPerImage: 1);
        }

        return (targets.dim() == 2 ? targets.to(torch.float32).mv(weights) : weights.index_select(0, targets)).sum();
    }

    /// <summary>Replaces <see cref="Balance"/> by the <see cref="ClassWeights"/> that it stands for.</summary>
    /// <param name="counts">Number of training images of each class.</param>
    /// <exception cref="RefusalException">Both are set.</exception>
    public Loss WithBalance(IReadOnlyList<int> counts)
    {
        if (Balance == 0)
        {
            return this;
        }

        if (ClassWeights is not null)
        {
            throw new RefusalException("loss.balance and loss.class_weights both set the weights of the classes; remove one of them.");
        }

        var mean = counts.Average();
        // A class with no images never occurs as a hard target; weight 1 keeps its label-smoothing term finite.
        return this with { Balance = 0, ClassWeights = [.. counts.Select(c => c == 0 ? 1 : Math.Pow(mean / c, Balance))] };
    }

    /// <summary>Computes <see cref="Sum"/>.</summary>
    /// <param name="x">Logits (N, classes), float32.</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    private protected abstract torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets);

    /// <summary>Computes the loss of each image, (N); their sum is that of <see cref="SumInFloat32"/>, except for rounding.</summary>
    /// <param name="x">Logits (N, classes), float32.</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    private protected abstract torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets);

    /// <summary>Returns the number of terms of a batch as a tensor, for a loss whose mean is over all its terms.</summary>
    /// <param name="targets">Targets of the batch.</param>
    /// <param name="termsPerImage">Number of terms per image.</param>
    private protected static torch.Tensor Count(torch.Tensor targets, long termsPerImage) =>
        torch.tensor((float)(targets.shape[0] * termsPerImage), device: targets.device);

    /// <summary>Returns <see cref="ClassWeights"/> as float32, or null.</summary>
    private protected torch.Tensor? WeightTensor(torch.Device device) =>
        ClassWeights is { } weights ? torch.tensor([.. weights.Select(w => (float)w)], device: device) : null;

    /// <summary>Multiplies terms (N, classes) by the class weights, where there are any.</summary>
    private protected torch.Tensor Weighted(torch.Tensor terms) => WeightTensor(terms.device) is { } weights ? terms * weights : terms;

    /// <summary>Returns targets as (N, classes) float32; class numbers become one-hot.</summary>
    private protected static torch.Tensor Soft(torch.Tensor targets, long classes) =>
        targets.dim() == 2 ? targets.to(torch.float32) : torch.nn.functional.one_hot(targets, classes).to(torch.float32);

    /// <summary>Applies label smoothing to soft targets.</summary>
    private protected torch.Tensor Smoothed(torch.Tensor soft) =>
        LabelSmoothing == 0 ? soft : (soft * Keep(1 - LabelSmoothing)).Plus(LabelSmoothing / soft.shape[1]);

    /// <summary>Computes x^gamma. The derivative at 0 is infinite for gamma below 1, so x is clamped; the derivative of the clamp is 0 there.</summary>
    private protected static torch.Tensor Power(torch.Tensor x, double gamma) => gamma == 1 ? x : x.clamp_min(Keep(1e-8)).pow(Keep(gamma));

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        checks.Require(LabelSmoothing is >= 0 and < 1, LabelSmoothing, "0 to below 1");
        checks.Require(ClassWeights?.All(w => w > 0 && double.IsFinite(w)) ?? true, ClassWeights, "numbers above 0");
        var isAlone = Balance == 0 || ClassWeights is null;
        checks.Require(Balance >= 0 && isAlone, Balance, isAlone ? "0 (off) or more" : "0 together with class_weights");
        checks.Require(L1 >= 0, L1, "0 or more");
        checks.Require(L2 >= 0, L2, "0 or more");
    }
}
