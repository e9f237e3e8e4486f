namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    private static readonly Initializer NearZero = new Initializer.Normal(1e-6);

    /// <summary>
    /// Declares two fully connected layers over the last dimension with an activation between them (timm's <c>Mlp</c>: <c>fc1</c>, <c>fc2</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="width">Number of input and output features.</param>
    /// <param name="hidden">Number of hidden features.</param>
    /// <param name="options">Activation and settings of the fully connected layers.</param>
    public static Layer Mlp(ParameterScope scope, long width, long hidden, MlpOptions options)
    {
        var first = Linear(scope["fc1"], width, hidden, options.Linear);
        var middle = options.Middle?.Invoke(scope);
        var second = Linear(
            scope["fc2"], hidden, width, options.Linear with { WeightInitializer = options.OutputInitializer ?? options.Linear.WeightInitializer });
        return Sequential(first, options.Activation, middle, second);
    }

    /// <summary>
    /// Declares a gated hidden layer, fc2(silu(gate) × value) (Shazeer 2020), with both factors from one matrix <c>fc1</c>, the gate first
    /// (timm's <c>SwiGLUPacked</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="width">Number of input and output features.</param>
    /// <param name="hidden">Number of hidden features.</param>
    /// <param name="options">Initialisation.</param>
    public static Layer SwiGluPacked(ParameterScope scope, long width, long hidden, SwiGluOptions options)
    {
        var linear = LinearOptions.TruncatedNormal;
        var first = Linear(scope["fc1"], width, 2 * hidden, !options.StartsNearOne ? linear : linear with
        {
            WeightInitializer = new Initializer.Halves(linear.WeightInitializer!, NearZero),
            BiasInitializer = new Initializer.Halves(Initializer.Zeros, Initializer.Ones),
        });
        var second = Linear(scope["fc2"], hidden, width, linear with { WeightInitializer = options.OutputInitializer ?? linear.WeightInitializer });
        return Tidy((pass, x) =>
        {
            var halves = first(pass, x).Chunk(2, -1);
            return second(pass, halves[0].Silu() * halves[1]);
        });
    }

    /// <summary>
    /// Declares a gated hidden layer with separate matrices for the gate and the value, <c>fc1_g</c> and <c>fc1_x</c>, and an optional
    /// normalisation after the product (timm's <c>SwiGLU</c>).
    /// </summary>
    /// <inheritdoc cref="SwiGluPacked"/>
    public static Layer SwiGlu(ParameterScope scope, long width, long hidden, SwiGluOptions options)
    {
        var linear = LinearOptions.TruncatedNormal with { Bias = options.Bias };
        var gate = Linear(
            scope["fc1_g"], width, hidden, options.StartsNearOne ? linear with { WeightInitializer = NearZero, BiasInitializer = Initializer.Ones } : linear);
        var value = Linear(scope["fc1_x"], width, hidden, linear);
        var norm = options.NormEpsilon is { } epsilon ? LayerNorm(scope["norm"], hidden, epsilon) : null;
        var second = Linear(scope["fc2"], hidden, width, linear with { WeightInitializer = options.OutputInitializer ?? linear.WeightInitializer });
        return Tidy((pass, x) =>
        {
            var product = gate(pass, x).Silu() * value(pass, x);
            return second(pass, norm is null ? product : norm(pass, product));
        });
    }
}
