namespace SketchFlow.Learning.Training;

/// <summary>Mixing the images of a batch with one another, and their targets alike.</summary>
public sealed record MixingOptions
{
    /// <summary>Mixup (Zhang et al., ICLR 2018): both shares of Beta(α, α) drawn once a batch; 0 is off. timm uses 0.2 to 0.8.</summary>
    public double Mixup { get; init; }

    /// <summary>CutMix (Yun et al., ICCV 2019): a box of the other image whose area is the share drawn from Beta(α, α); 0 is off. timm uses 1.</summary>
    public double Cutmix { get; init; }

    /// <summary>Probability that a batch is mixed at all.</summary>
    public double P { get; init; } = 1;

    /// <summary>Where both are on, the share of mixed batches that CutMix takes.</summary>
    public double Switch { get; init; } = 0.5;

    /// <summary>Last epochs without mixing, in which the network sees whole images as it will in prediction.</summary>
    public int OffEpochs { get; init; }

    /// <summary>Whether batches of an epoch are mixed.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="epochs">Epochs in the run.</param>
    public bool IsOnIn(int epoch, int epochs) => IsOn && epoch < epochs - OffEpochs;

    /// <summary>Whether any batch is mixed.</summary>
    public bool IsOn => (Mixup > 0 || Cutmix > 0) && P > 0;
}
