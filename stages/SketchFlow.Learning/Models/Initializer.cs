namespace SketchFlow.Learning.Models;

/// <summary>How a fresh tensor is filled.</summary>
public abstract record Initializer
{
    private Initializer() { }

    /// <summary>All elements the same.</summary>
    public sealed record Constant(double Value) : Initializer;

    /// <summary>
    /// Normal with mean 0, redrawn outside ± 2. The cut is absolute, not in standard deviations: timm's
    /// <c>trunc_normal_(std=.02)</c> keeps PyTorch's default bounds of ± 2, a hundred standard deviations away.
    /// </summary>
    public sealed record TruncatedNormal(double StandardDeviation) : Initializer;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double StandardDeviation) : Initializer;

    /// <summary>Uniform in ± <paramref name="Bound"/>.</summary>
    public sealed record Uniform(double Bound) : Initializer;

    /// <summary>
    /// Speeds of learned rotations, (2, …, half a head): of each head two sets of bands at right angles, all turned by one angle drawn
    /// for it (Heo et al. 2024; timm's <c>init_random_2d_freqs</c>). Band i of n is temperature^(-i / n) fast.
    /// </summary>
    public sealed record Speeds(double Temperature, int HeadWidth) : Initializer;

    /// <summary>The first half of the elements as one, the second as another: two matrices that lie in one.</summary>
    public sealed record Halves(Initializer First, Initializer Second) : Initializer;

    /// <summary>Zeros.</summary>
    public static Initializer Zeros { get; } = new Constant(0);

    /// <summary>Ones.</summary>
    public static Initializer Ones { get; } = new Constant(1);

    /// <summary>
    /// He et al. 2015, fan out, for convolutions before ReLU: standard deviation sqrt(2 / (kH kW out / groups)).
    /// PyTorch's <c>kaiming_normal_</c> knows no groups: leave them at 1 where timm calls that (resnets), give them where
    /// timm divides (efficientnets).
    /// </summary>
    public static Initializer HeFanOut(long outChannels, long kernelArea, long groups = 1) =>
        new Normal(Math.Sqrt(2.0 / (kernelArea * outChannels / (double)groups)));

    /// <summary>He et al. 2015, fan in: standard deviation sqrt(2 / (kH kW in / groups)); PyTorch's <c>kaiming_normal_</c> unless told otherwise.</summary>
    public static Initializer HeFanIn(long fanIn) => new Normal(Math.Sqrt(2.0 / fanIn));

    /// <summary>PyTorch's own default for linear and convolution weights and biases: uniform in ± 1 / sqrt(fan in).</summary>
    public static Initializer TorchDefault(long fanIn) => new Uniform(1 / Math.Sqrt(fanIn));
}
