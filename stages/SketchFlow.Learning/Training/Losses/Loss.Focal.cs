using TorchSharp;

namespace SketchFlow.Learning.Training.Losses;

public static partial class Loss
{
    // - alpha × sum of w_c q_c (1 - p_c)^gamma log p_c. With a smoothed or mixed target every class's term is focused by its own
    // probability, so that gamma 0 is cross entropy whatever the target.
    private static torch.Tensor Focal(LossOptions options, torch.Tensor x, torch.Tensor targets)
    {
        var logs = torch.nn.functional.log_softmax(x, 1);
        var terms = Smoothed(options, Soft(targets, x.shape[1])) * logs;
        if (options.Gamma != 0)
        {
            terms *= Power(1 - logs.exp(), options.Gamma);
        }

        return Weighted(options, terms).sum() * -options.Alpha;
    }
}
