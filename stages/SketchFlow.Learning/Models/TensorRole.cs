namespace SketchFlow.Learning.Models;

/// <summary>What a tensor of a model is for.</summary>
public enum TensorRole
{
    /// <summary>Learned by gradient; float32.</summary>
    Parameter,

    /// <summary>Kept beside the parameters (running mean and variance); float32.</summary>
    Buffer,

    /// <summary>Counts batches; int64, no dimensions.</summary>
    Counter,
}
