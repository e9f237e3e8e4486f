namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The name of a Python function or class in a pickle. It is never called.</summary>
/// <param name="Module">Name of the module.</param>
/// <param name="Name">Name within the module.</param>
internal sealed record PickleGlobal(string Module, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Module}.{Name}";
}
