namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Where a parameter's values come from, under W&amp;B's names.</summary>
public enum DistributionKind
{
    /// <summary>One value.</summary>
    Constant,

    /// <summary>One of a list, evenly or by probabilities.</summary>
    Categorical,

    /// <summary>Whole numbers from min to max, both included.</summary>
    IntUniform,

    /// <summary>Even between min and max.</summary>
    Uniform,

    /// <summary>exp of an even number between min and max, which are exponents.</summary>
    LogUniform,

    /// <summary>Even in the logarithm, between min and max themselves.</summary>
    LogUniformValues,

    /// <summary>1 / exp of an even number between min and max.</summary>
    InvLogUniform,

    /// <summary>Gaussian with mean mu and standard deviation sigma.</summary>
    Normal,

    /// <summary>exp of a Gaussian.</summary>
    LogNormal,
}
