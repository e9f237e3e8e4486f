namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Distributions of a parameter's values, by W&amp;B's names.</summary>
public enum DistributionKind
{
    /// <summary>One value.</summary>
    Constant,

    /// <summary>One value of a list, equally likely or with given probabilities.</summary>
    Categorical,

    /// <summary>Whole numbers from min to max, both included.</summary>
    IntUniform,

    /// <summary>Uniform between min and max.</summary>
    Uniform,

    /// <summary>exp of a uniform number between min and max, which are exponents.</summary>
    LogUniform,

    /// <summary>Uniform in the logarithm, between the values min and max.</summary>
    LogUniformValues,

    /// <summary>1 / exp of a uniform number between min and max.</summary>
    InvLogUniform,

    /// <summary>Gaussian with mean mu and standard deviation sigma.</summary>
    Normal,

    /// <summary>exp of a Gaussian.</summary>
    LogNormal,
}
