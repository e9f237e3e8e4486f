namespace SketchFlow.Learning.Models.Graphs;

/// <summary>A function of two elements, for tensors that broadcast or a tensor and a number.</summary>
public enum BinaryFunction
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a × b.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>max(a, b).</summary>
    Maximum,
}
