namespace SketchFlow.Learning.Weights.Torch;

/// <summary>A dictionary of a pickle in insertion order. A repeated key is kept twice; the later value is valid, as in Python.</summary>
internal sealed class PickleDictionary
{
    /// <summary>Keys and values.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];
}
