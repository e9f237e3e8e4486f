using SketchFlow.Data.Machine;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training;

/// <summary>Mixup and CutMix on the device: image i is mixed with image N - 1 - i, as in timm's <c>Mixup</c> in batch mode.</summary>
public static class Mixing
{
    /// <summary>Mixes one batch, or returns it unchanged, at random.</summary>
    /// <param name="options">Strengths and probabilities.</param>
    /// <param name="images">(N, 3, H, W), normalised; not changed.</param>
    /// <param name="targets">(N) int64.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="chance">Random stream of this step.</param>
    /// <returns>Images of that shape, and targets (N, classes) float32 whose rows sum to 1; both belong to the open dispose scope.</returns>
    public static (torch.Tensor Images, torch.Tensor Targets) Apply(
        MixingOptions options, torch.Tensor images, torch.Tensor targets, int classes, KeyedRandom chance)
    {
        var (mixed, soft, _) = ApplyWithShare(options, images, targets, classes, chance);
        return (mixed, soft);
    }

    /// <summary>Mixes one batch like <see cref="Apply"/>, and returns the share that each image has in its mixture: 1 if nothing was mixed.</summary>
    /// <inheritdoc cref="Apply"/>
    internal static (torch.Tensor Images, torch.Tensor Targets, double Share) ApplyWithShare(
        MixingOptions options, torch.Tensor images, torch.Tensor targets, int classes, KeyedRandom chance)
    {
        using var still = torch.no_grad();
        var hard = torch.nn.functional.one_hot(targets, classes).to(torch.float32);
        if (!options.IsOn || !chance.Happens(options.P))
        {
            return (images, hard, 1);
        }

        var cut = options.Cutmix > 0 && (options.Mixup <= 0 || chance.Happens(options.Switch));
        var alpha = cut ? options.Cutmix : options.Mixup;
        var share = BetaDistribution.Draw(ref chance, alpha);
        var others = images.flip(0);
        torch.Tensor mixed;
        if (cut)
        {
            (mixed, share) = Cut(images, others, share, ref chance);
        }
        else
        {
            mixed = torch.lerp(others, images, torch.tensor((float)share, device: images.device));
        }

        return (mixed, Mix(hard, share), share);
    }

    /// <summary>Mixes targets or weights of images, (N) or (N, classes), with those of the reversed batch.</summary>
    internal static torch.Tensor Mix(torch.Tensor values, double share) => (values * Keep(share)).Plus(values.flip(0) * Keep(1 - share));

    // The centre of the box is uniform over the image; the box is clipped to the image, and the share is computed from the clipped area.
    private static (torch.Tensor Images, double Share) Cut(torch.Tensor images, torch.Tensor others, double share, ref KeyedRandom chance)
    {
        var (height, width) = (images.shape[2], images.shape[3]);
        var side = Math.Sqrt(1 - share);
        var (boxHeight, boxWidth) = ((long)(height * side), (long)(width * side));
        var (y, x) = (chance.NextInteger(0, (int)height), chance.NextInteger(0, (int)width));
        var (top, bottom) = (Math.Clamp(y - (boxHeight / 2), 0, height), Math.Clamp(y + (boxHeight / 2), 0, height));
        var (left, right) = (Math.Clamp(x - (boxWidth / 2), 0, width), Math.Clamp(x + (boxWidth / 2), 0, width));
        var mixed = images.clone();
        if (bottom > top && right > left)
        {
            mixed.narrow(2, top, bottom - top).narrow(3, left, right - left).copy_(others.narrow(2, top, bottom - top).narrow(3, left, right - left));
        }

        return (mixed, 1 - ((double)((bottom - top) * (right - left)) / (height * width)));
    }
}
