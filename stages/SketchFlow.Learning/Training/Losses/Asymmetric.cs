using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Losses;

/// <summary>
/// Sigmoids focused differently for the target and the other classes, with a margin below which another class costs nothing (Ridnik et al., ICCV 2021).
/// </summary>
public sealed record Asymmetric : Loss
{
    /// <summary>Exponent of the target's term.</summary>
    public double GammaPositive { get; init; } = 1;

    /// <summary>Exponent of the terms of the other classes.</summary>
    public double GammaNegative { get; init; } = 4;

    /// <summary>Probability that a class which is not the target may have at no cost.</summary>
    public double Margin { get; init; } = 0.05;

    /// <inheritdoc/>
    public override torch.Tensor Weight(torch.Tensor targets, long classes) => Count(targets, termsPerImage: 1);

    // - sum of w_c (q_c (1 - p_c)^g+ log p_c + (1 - q_c) m_c^g- log(1 - m_c)), where p is the sigmoid and m = max(p - margin, 0):
    // equations 4 to 7 of Ridnik et al., for soft targets the mixture of both terms.
    private protected override torch.Tensor SumInFloat32(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum().neg();

    private protected override torch.Tensor PerImage(torch.Tensor x, torch.Tensor targets) => Terms(x, targets).sum(1).neg();

    private torch.Tensor Terms(torch.Tensor x, torch.Tensor targets)
    {
        var soft = Smoothed(Soft(targets, x.shape[1]));
        var (p, q) = (x.sigmoid(), x.neg().sigmoid());
        var yes = Focused(torch.nn.functional.logsigmoid(x), q, GammaPositive);
        var no = Margin == 0
            ? Focused(torch.nn.functional.logsigmoid(x.neg()), p, GammaNegative)
            : Focused(q.Plus(Margin).clamp_max(Keep(1)).log(), p.sub(Keep(Margin)).clamp_min(Keep(0)), GammaNegative);
        return Weighted((soft * yes).Plus(soft.Complement() * no));

        static torch.Tensor Focused(torch.Tensor log, torch.Tensor doubt, double gamma) => gamma == 0 ? log : Power(doubt, gamma) * log;
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(GammaPositive >= 0, GammaPositive, "0 or more");
        checks.Require(GammaNegative >= 0, GammaNegative, "0 or more");
        checks.Require(Margin is >= 0 and < 1, Margin, "0 to below 1");
    }
}
