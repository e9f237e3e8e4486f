namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of attention's biases for relative positions.</summary>
public sealed record RelativeBiasOptions
{
    /// <summary>Source of the biases.</summary>
    public RelativeBiasKind Kind { get; init; } = RelativeBiasKind.Table;

    /// <summary>Number of hidden features of the network.</summary>
    public int HiddenFeatures { get; init; } = 512;

    /// <summary>Whether weight decay applies to the network's weights.</summary>
    public bool NetworkDecays { get; init; }

    /// <summary>Settings of the network's layers for their input and output features.</summary>
    public Func<long, long, LinearOptions> LayerOptions { get; init; } = (from, to) => Nn.TransformerLinear(from, to, normal: false, inMlp: true);
}
