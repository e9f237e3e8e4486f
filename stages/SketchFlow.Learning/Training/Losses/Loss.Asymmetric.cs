using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

public static partial class Loss
{
    // - sum of w_c (q_c (1 - p_c)^g+ log p_c + (1 - q_c) m_c^g- log(1 - m_c)), where p is the sigmoid and m = max(p - margin, 0):
    // equations 4 to 7 of Ridnik et al., for soft targets the mixture of both terms.
    private static torch.Tensor Asymmetric(LossOptions options, torch.Tensor x, torch.Tensor targets)
    {
        var soft = Smoothed(options, Soft(targets, x.shape[1]));
        var (p, q) = (x.sigmoid(), x.neg().sigmoid());
        var yes = Focused(torch.nn.functional.logsigmoid(x), q, options.GammaPositive);
        var no = options.Margin == 0
            ? Focused(torch.nn.functional.logsigmoid(x.neg()), p, options.GammaNegative)
            : Focused((q + options.Margin).clamp_max(1).log(), (p - options.Margin).clamp_min(0), options.GammaNegative);
        return Weighted(options, (soft * yes) + ((1 - soft) * no)).sum().neg();

        static torch.Tensor Focused(torch.Tensor log, torch.Tensor doubt, double gamma) => gamma == 0 ? log : Power(doubt, gamma) * log;
    }

    // - sum of w_c q_c f_c log p_c, q smoothed; f is (1 - p)^g+ for the target and p^g- for the others: AsymmetricLossSingleLabel of
    // the authors' repository (Alibaba-MIIL/ASL) and timm. A soft target mixes both factors by its share.
    private static torch.Tensor AsymmetricSoftmax(LossOptions options, torch.Tensor x, torch.Tensor targets)
    {
        var soft = Soft(targets, x.shape[1]);
        var logs = torch.nn.functional.log_softmax(x, 1);
        var p = logs.exp();
        var focus = (soft * Factor(1 - p, options.GammaPositive)) + ((1 - soft) * Factor(p, options.GammaNegative));
        return Weighted(options, Smoothed(options, soft) * focus * logs).sum().neg();

        static torch.Tensor Factor(torch.Tensor doubt, double gamma) => gamma == 0 ? torch.ones_like(doubt) : Power(doubt, gamma);
    }
}
