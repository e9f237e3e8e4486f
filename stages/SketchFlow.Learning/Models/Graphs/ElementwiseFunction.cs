namespace SketchFlow.Learning.Models.Graphs;

/// <summary>A function that is applied to each element.</summary>
public enum ElementwiseFunction
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>x Φ(x), the exact Gaussian error linear unit.</summary>
    Gelu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>x / (1 + exp(-x)).</summary>
    Silu,

    /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
    HardSigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>The exponential function.</summary>
    Exp,

    /// <summary>The cosine.</summary>
    Cos,

    /// <summary>The sine.</summary>
    Sin,

    /// <summary>-x.</summary>
    Negate,

    /// <summary>x².</summary>
    Square,

    /// <summary>1 / √x.</summary>
    ReciprocalSquareRoot,
}
