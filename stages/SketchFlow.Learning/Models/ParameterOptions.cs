namespace SketchFlow.Learning.Models;

/// <summary>Settings of a learned tensor, in addition to its name, shape and initializer.</summary>
public sealed record ParameterOptions
{
    /// <summary>Settings of a tensor that is exempt from weight decay.</summary>
    public static ParameterOptions NoDecay { get; } = new() { Decays = false };

    /// <summary>Settings of a table of biases for relative positions, which is exempt from weight decay.</summary>
    public static ParameterOptions RelativeBiasTable { get; } = new() { Decays = false, IsRelativeBiasTable = true };

    /// <summary>Whether weight decay applies; null applies it to tensors of two or more dimensions.</summary>
    public bool? Decays { get; init; }

    /// <summary>Layout of a position embedding, so that it can be resampled to another image size; null for other tensors.</summary>
    public PositionGrid? PositionGrid { get; init; }

    /// <inheritdoc cref="TensorSpec.IsRelativeBiasTable"/>
    public bool IsRelativeBiasTable { get; init; }

    /// <inheritdoc cref="TensorSpec.ExtraRows"/>
    public int ExtraRows { get; init; }

    /// <inheritdoc cref="TensorSpec.IsRelativeStepTable"/>
    public bool IsRelativeStepTable { get; init; }
}
