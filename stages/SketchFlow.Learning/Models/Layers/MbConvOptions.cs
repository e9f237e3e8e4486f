namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of CoAtNet's and MaxViT's convolutional block.</summary>
public sealed record MbConvOptions
{
    /// <summary>The hidden channels are four times those that come out, or else those that go in.</summary>
    public bool ExpandsOutput { get; init; }

    /// <summary>Whether the last convolution and the shortcut's have a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>An activation behind the first normalisation also.</summary>
    public bool ActivatesFirst { get; init; }

    /// <summary>Halves the image by a mean before the first convolution instead of in the depthwise one.</summary>
    public bool Pools { get; init; }

    /// <summary>The shortcut halves the image by the maximum over 3 × 3 instead of the mean over 2 × 2.</summary>
    public bool MaxPoolShortcut { get; init; }

    /// <summary>The gate stands before the second normalisation instead of behind its activation.</summary>
    public bool GatesEarly { get; init; }

    /// <summary>Channels in the gate over the hidden ones, or over those that come out where <see cref="ExpandsOutput"/>.</summary>
    public double GateRatio { get; init; } = 0.25;

    /// <summary>Between the gate's two matrices.</summary>
    public Layer GateActivation { get; init; } = Nn.Silu;

    /// <summary>Behind the normalisations.</summary>
    public Layer Activation { get; init; } = Nn.Silu;

    /// <summary>TensorFlow's padding.</summary>
    public bool Same { get; init; }

    /// <summary>Epsilon of the batch normalisations.</summary>
    public double Epsilon { get; init; } = 1e-5;
}
