namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of attention's biases for relative places.</summary>
public sealed record RelativeBiasOptions
{
    /// <summary>Where they come from.</summary>
    public RelativePosition From { get; init; } = RelativePosition.Table;

    /// <summary>Hidden features of the network.</summary>
    public int Features { get; init; } = 512;

    /// <summary>Whether weight decay applies to the network's matrices.</summary>
    public bool Decays { get; init; }

    /// <summary>How the network starts, by its features in and out.</summary>
    public Func<long, long, LinearOptions> Network { get; init; } = (from, to) => Nn.TransformerMatrix(from, to, small: false, inMlp: true);
}
