namespace SketchFlow.Learning.Models;

/// <summary>Distribution of a fresh tensor.</summary>
public abstract record Initializer
{
    private Initializer() { }

    /// <summary>The same value for all elements.</summary>
    public sealed record Constant(double Value) : Initializer;

    /// <summary>
    /// Normal with mean 0, redrawn outside ± 2. The bounds are absolute, not in standard deviations: timm's
    /// <c>trunc_normal_(std=.02)</c> keeps PyTorch's default bounds of ± 2, which are a hundred standard deviations away.
    /// </summary>
    public sealed record TruncatedNormal(double StandardDeviation) : Initializer;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double StandardDeviation) : Initializer;

    /// <summary>Uniform in ± <paramref name="Bound"/>.</summary>
    public sealed record Uniform(double Bound) : Initializer;

    /// <summary>
    /// Frequencies of learned rotary embeddings, (2, …, half the head width): each head has two sets of bands at right angles, rotated
    /// together by a random angle (Heo et al. 2024; timm's <c>init_random_2d_freqs</c>). Band i of n has frequency temperature^(-i / n).
    /// </summary>
    public sealed record RotaryFrequencies(double Temperature, int HeadWidth) : Initializer;

    /// <summary>Different distributions for the two halves of the elements, for two matrices stored as one tensor.</summary>
    public sealed record Halves(Initializer First, Initializer Second) : Initializer;

    /// <summary>Zeros.</summary>
    public static Initializer Zeros { get; } = new Constant(0);

    /// <summary>Ones.</summary>
    public static Initializer Ones { get; } = new Constant(1);

    /// <summary>
    /// Returns the fan-out initializer of He et al. 2015 for convolutions before ReLU: standard deviation sqrt(2 / (kH kW out / groups)).
    /// PyTorch's <c>kaiming_normal_</c> ignores groups: omit them where timm calls it (resnets), and pass them where timm divides by
    /// them (efficientnets).
    /// </summary>
    public static Initializer HeFanOut(long outChannels, long kernelArea, long groups = 1) =>
        new Normal(Math.Sqrt(2.0 / (kernelArea * outChannels / (double)groups)));

    /// <summary>
    /// Returns the fan-in initializer of He et al. 2015, the default of PyTorch's <c>kaiming_normal_</c>: standard deviation
    /// sqrt(2 / (kH kW in / groups)).
    /// </summary>
    public static Initializer HeFanIn(long fanIn) => new Normal(Math.Sqrt(2.0 / fanIn));

    /// <summary>Returns PyTorch's default for weights and biases of linear layers and convolutions: uniform in ± 1 / sqrt(fan in).</summary>
    public static Initializer TorchDefault(long fanIn) => new Uniform(1 / Math.Sqrt(fanIn));
}
