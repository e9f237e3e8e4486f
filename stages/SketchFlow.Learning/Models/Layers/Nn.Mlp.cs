namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // timm's SwiGLU and GluMlp start one of the factors near 1, by its bias; vision transformers keep that, EVA's own start does not.
    private static readonly Initializer NearNothing = new Initializer.Normal(1e-6);

    /// <summary>Two fully connected layers with <paramref name="activation"/> between, over the last dimension (timm's <c>Mlp</c>: <c>fc1</c>, <c>fc2</c>).</summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="width">Features in and out.</param>
    /// <param name="hidden">Features between.</param>
    /// <param name="activation">Between the two.</param>
    /// <param name="options">Of both layers.</param>
    /// <param name="last">Start of the second weight; null is that of <paramref name="options"/>.</param>
    /// <param name="middle">Declares a layer between activation and <c>fc2</c>, such as ConvNeXt V2's response normalisation.</param>
    public static Layer Mlp(ParameterScope scope, long width, long hidden, Layer activation, LinearOptions options, Func<ParameterScope, Layer>? middle = null, Initializer? last = null)
    {
        var first = Linear(scope["fc1"], width, hidden, options);
        var between = middle?.Invoke(scope);
        var second = Linear(scope["fc2"], hidden, width, options with { Start = last ?? options.Start });
        return Sequence(first, activation, between, second);
    }

    /// <summary>
    /// A hidden layer with a gate: fc2(silu(gate) × value) (Shazeer 2020), both halves from one matrix <c>fc1</c>, the gate first
    /// (timm's <c>SwiGLUPacked</c>).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="width">Features in and out.</param>
    /// <param name="hidden">Features between.</param>
    /// <param name="last">Start of the last weight; null is normal with standard deviation 0.02.</param>
    /// <param name="startsNearOne">Whether the values start near 1.</param>
    public static Layer SwiGluPacked(ParameterScope scope, long width, long hidden, Initializer? last = null, bool startsNearOne = false)
    {
        var small = LinearOptions.Small;
        var first = Linear(scope["fc1"], width, 2 * hidden, !startsNearOne ? small : small with
        {
            Start = new Initializer.Halves(small.Start!, NearNothing),
            BiasStart = new Initializer.Halves(Initializer.Zeros, Initializer.Ones),
        });
        var second = Linear(scope["fc2"], hidden, width, LinearOptions.Small with { Start = last ?? LinearOptions.Small.Start });
        return Tidy((pass, x) =>
        {
            var halves = first(pass, x).chunk(2, -1);
            return second(pass, halves[0].silu() * halves[1]);
        });
    }

    /// <summary>
    /// The same with a matrix for each half, <c>fc1_g</c> and <c>fc1_x</c>, and a normalisation behind the product (timm's <c>SwiGLU</c>).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="width">Features in and out.</param>
    /// <param name="hidden">Features between.</param>
    /// <param name="epsilon">Of the normalisation; null goes without it.</param>
    /// <param name="last">Start of the last weight; null is normal with standard deviation 0.02.</param>
    /// <param name="bias">Whether the matrices have biases.</param>
    /// <param name="startsNearOne">Whether the gate starts near 1, or where there is no bias near 0.</param>
    public static Layer SwiGlu(ParameterScope scope, long width, long hidden, double? epsilon, Initializer? last = null, bool bias = true, bool startsNearOne = false)
    {
        var options = LinearOptions.Small with { Bias = bias };
        var gate = Linear(scope["fc1_g"], width, hidden, startsNearOne ? options with { Start = NearNothing, BiasStart = Initializer.Ones } : options);
        var value = Linear(scope["fc1_x"], width, hidden, options);
        var norm = epsilon is { } small ? LayerNorm(scope["norm"], hidden, small) : null;
        var second = Linear(scope["fc2"], hidden, width, options with { Start = last ?? options.Start });
        return Tidy((pass, x) =>
        {
            var product = gate(pass, x).silu() * value(pass, x);
            return second(pass, norm is null ? product : norm(pass, product));
        });
    }
}
