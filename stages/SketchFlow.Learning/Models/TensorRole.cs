namespace SketchFlow.Learning.Models;

/// <summary>Role of a tensor in a model.</summary>
public enum TensorRole
{
    /// <summary>Learned by gradient descent; float32.</summary>
    Parameter,

    /// <summary>Stored with the parameters but not learned (running mean and variance); float32.</summary>
    Buffer,

    /// <summary>Count of batches; int64, no dimensions.</summary>
    Counter,
}
