using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>Cross entropy in which easy images count less: each class's term is multiplied by (1 - p)^gamma (Lin et al., ICCV 2017).</summary>
public sealed record Focal : Loss
{
    /// <summary>Exponent of 1 - p; 0 is cross entropy.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>Factor of the whole loss; a factor per class is class_weights.</summary>
    public double Alpha { get; init; } = 1;

    // - alpha × sum of w_c q_c (1 - p_c)^gamma log p_c. With a smoothed or mixed target every class's term is focused by its own
    // probability, so that gamma 0 is cross entropy for every target.
    private protected override torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum() * Keep(-Alpha);

    private protected override torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum(1) * Keep(-Alpha);

    private torch.Tensor Terms(torch.Tensor x, torch.Tensor targets)
    {
        var logs = torch.nn.functional.log_softmax(x, 1);
        var terms = Smoothed(Soft(targets, x.shape[1])) * logs;
        if (Gamma != 0)
        {
            terms *= Power(logs.exp().Complement(), Gamma);
        }

        return Weighted(terms);
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Gamma >= 0, Gamma, "0 or more");
        checks.Require(Alpha > 0, Alpha, "above 0");
    }
}
