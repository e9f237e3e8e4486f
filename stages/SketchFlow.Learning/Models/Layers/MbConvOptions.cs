namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of the inverted bottleneck of CoAtNet and MaxViT.</summary>
public sealed record MbConvOptions
{
    /// <summary>Whether the hidden channels are four times the output channels; otherwise four times the input channels.</summary>
    public bool ExpandsOutput { get; init; }

    /// <summary>Whether the last convolution and the shortcut's convolution have a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether an activation follows the first normalisation.</summary>
    public bool ActivatesFirst { get; init; }

    /// <summary>Whether average pooling before the first convolution downsamples, instead of the stride of the depthwise convolution.</summary>
    public bool PoolsFirst { get; init; }

    /// <summary>Whether the shortcut downsamples by 3 × 3 max pooling instead of 2 × 2 average pooling.</summary>
    public bool MaxPoolShortcut { get; init; }

    /// <summary>Whether the gate comes before the second normalisation instead of after its activation.</summary>
    public bool GateBeforeNorm { get; init; }

    /// <summary>Ratio of the gate's reduced channels to the hidden channels, or to the output channels with <see cref="ExpandsOutput"/>.</summary>
    public double GateRatio { get; init; } = 0.25;

    /// <summary>Activation between the gate's two layers.</summary>
    public Layer GateActivation { get; init; } = Nn.Silu;

    /// <summary>Activation after the normalisations.</summary>
    public Layer Activation { get; init; } = Nn.Silu;

    /// <summary>Whether TensorFlow's SAME padding is used.</summary>
    public bool Same { get; init; }

    /// <summary>Epsilon of the batch normalisations.</summary>
    public double Epsilon { get; init; } = 1e-5;
}
