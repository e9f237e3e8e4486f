namespace SketchFlow.Learning.Training;

/// <summary>Options of Mixup and CutMix, which mix the images of a batch with one another, and their targets in the same proportion.</summary>
public sealed record MixingOptions
{
    /// <summary>Mixup (Zhang et al., ICLR 2018): α of Beta(α, α), from which the share is drawn once per batch; 0 is off. timm uses 0.2 to 0.8.</summary>
    public double Mixup { get; init; }

    /// <summary>CutMix (Yun et al., ICCV 2019): α of Beta(α, α), from which the area of the box from the other image is drawn; 0 is off. timm uses 1.</summary>
    public double Cutmix { get; init; }

    /// <summary>Probability that a batch is mixed.</summary>
    public double P { get; init; } = 1;

    /// <summary>Share of CutMix among the mixed batches if both are on.</summary>
    public double Switch { get; init; } = 0.5;

    /// <summary>Number of last epochs without mixing, in which the network sees whole images as in prediction.</summary>
    public int OffEpochs { get; init; }

    /// <summary>Whether any batch is mixed.</summary>
    public bool IsOn => (Mixup > 0 || Cutmix > 0) && P > 0;

    /// <summary>Returns whether batches of an epoch are mixed.</summary>
    /// <param name="epoch">Epoch from 0.</param>
    /// <param name="epochs">Number of epochs of the run.</param>
    public bool IsOnIn(int epoch, int epochs) => IsOn && epoch < epochs - OffEpochs;
}
