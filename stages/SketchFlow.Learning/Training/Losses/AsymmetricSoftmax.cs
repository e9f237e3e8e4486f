using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>
/// The asymmetric loss's single-label form (Ridnik et al., ICCV 2021): softmax, focused differently for the target and the other classes; no margin.
/// </summary>
public sealed record AsymmetricSoftmax : Loss
{
    /// <summary>Exponent of the target's term.</summary>
    public double GammaPositive { get; init; } = 1;

    /// <summary>Exponent of the terms of the other classes.</summary>
    public double GammaNegative { get; init; } = 4;

    // - sum of w_c q_c f_c log p_c, q smoothed; f is (1 - p)^g+ for the target and p^g- for the others: AsymmetricLossSingleLabel of
    // the authors' repository (Alibaba-MIIL/ASL) and timm. A soft target mixes both factors by its share.
    private protected override torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum().neg();

    private protected override torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum(1).neg();

    private torch.Tensor Terms(torch.Tensor x, torch.Tensor targets)
    {
        var soft = Soft(targets, x.shape[1]);
        var logs = torch.nn.functional.log_softmax(x, 1);
        var p = logs.exp();
        var focus = (soft * Factor(p.Complement(), GammaPositive)).Plus(soft.Complement() * Factor(p, GammaNegative));
        return Weighted(Smoothed(soft) * focus * logs);

        static torch.Tensor Factor(torch.Tensor doubt, double gamma) => gamma == 0 ? torch.ones_like(doubt) : Power(doubt, gamma);
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(GammaPositive >= 0, GammaPositive, "0 or more");
        checks.Require(GammaNegative >= 0, GammaNegative, "0 or more");
    }
}
