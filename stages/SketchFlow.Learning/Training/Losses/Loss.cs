using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>Losses over a batch. The mean is a sum over a weight, so that the parts of a batch add up to the loss of the whole.</summary>
public static partial class Loss
{
    /// <summary>The mean loss of a batch, float32, no dimensions.</summary>
    /// <param name="options">Which, and how.</param>
    /// <param name="logits">(N, classes).</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    public static torch.Tensor Mean(LossOptions options, torch.Tensor logits, torch.Tensor targets) =>
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
