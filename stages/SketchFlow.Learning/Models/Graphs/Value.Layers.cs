namespace SketchFlow.Learning.Models.Graphs;

public readonly partial struct Value
{
    /// <summary>Computes attention, see <see cref="Operation.Attention"/>.</summary>
    public static Value Attend(Value query, Value key, Value value, Value? bias, bool training) => bias is { } b
        ? Apply(new Operation.Attention(training), query, key, value, b)
        : Apply(new Operation.Attention(training), query, key, value);

    /// <summary>Computes the probabilities of attention, softmax(q k / √width + bias), (N, heads, queries, keys).</summary>
    /// <param name="query">Queries (N, heads, queries, head width).</param>
    /// <param name="key">Keys (N, heads, keys, head width).</param>
    /// <param name="bias">Bias of the products of queries and keys, which may broadcast over samples; null has none.</param>
    public static Value AttentionProbabilities(Value query, Value key, Value? bias)
    {
        var products = (query / Math.Sqrt(query.Shape[^1])).MatrixProduct(key.Transpose(2, 3));
        return (bias is { } b ? products + b : products).Softmax(-1);
    }

    /// <summary>Computes a sum of products in Einstein's notation.</summary>
    public static Value Einsum(string equation, params ReadOnlySpan<Value> values) => Apply(new Operation.Einsum(equation), values);

    /// <summary>Convolves (N, in, H, W) with a weight (out, in / groups, kH, kW) and an optional bias (out).</summary>
    public Value Convolve(Value weight, Value? bias, ConvolutionGeometry geometry, bool training = false) => bias is { } b
        ? Apply(new Operation.Convolution(geometry, training), this, weight, b)
        : Apply(new Operation.Convolution(geometry, training), this, weight);

    /// <summary>Convolves each image with its own kernels, see <see cref="Operation.ConvolutionPerImage"/>.</summary>
    public Value ConvolvePerImage(Value kernels, ConvolutionGeometry geometry, long outChannels, long kernel) =>
        Apply(new Operation.ConvolutionPerImage(geometry, outChannels, kernel), this, kernels);

    /// <summary>Multiplies (…, in) by a matrix (out, in) and adds an optional bias (out).</summary>
    public Value Linear(Value weight, Value? bias) => bias is { } b
        ? Apply(new Operation.Linear(), this, weight, b)
        : Apply(new Operation.Linear(), this, weight);

    /// <summary>Computes the matrix product.</summary>
    public Value MatrixProduct(Value other) => Apply(new Operation.MatrixProduct(), this, other);

    /// <summary>Normalises channels, see <see cref="Operation.BatchNorm"/>.</summary>
    public Value BatchNorm(Operation.BatchNorm settings, Value mean, Value variance, Value weight, Value bias) =>
        Apply(settings, this, mean, variance, weight, bias);

    /// <summary>Normalises the last dimension, with a weight and a bias.</summary>
    public Value LayerNorm(double epsilon, Value weight, Value bias) => Apply(new Operation.LayerNorm(epsilon), this, weight, bias);

    /// <summary>Normalises the last dimension.</summary>
    public Value LayerNorm(double epsilon) => Apply(new Operation.LayerNorm(epsilon), this);

    /// <summary>Normalises groups of channels.</summary>
    public Value GroupNorm(long groups, double epsilon, Value weight, Value bias) => Apply(new Operation.GroupNorm(groups, epsilon), this, weight, bias);

    /// <summary>Computes the maximum over squares, see <see cref="Operation.MaxPool2d"/>.</summary>
    public Value MaxPool2d(int kernel, int stride, int padding = 0) => Apply(new Operation.MaxPool2d(kernel, stride, padding), this);

    /// <summary>Computes the mean over squares, see <see cref="Operation.AveragePool2d"/>.</summary>
    public Value AveragePool2d(int kernel, int stride, int padding = 0, bool keepsRest = false) =>
        Apply(new Operation.AveragePool2d(kernel, stride, padding, keepsRest), this);
}
