namespace SketchFlow.Learning.Weights.Torch;

/// <summary>The name of a Python function or class in a pickle. It is never called.</summary>
/// <param name="Module">Name of the module.</param>
/// <param name="Name">Name within the module.</param>
internal sealed record PickleGlobal(string Module, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Module}.{Name}";

    /// <summary>Describes any value of a pickle for a message: by its name, or by its kind.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        PickleGlobal global => global.ToString(),
        string => "a text",
        byte[] => "bytes",
        bool or long or double or System.Numerics.BigInteger => "a number",
        object?[] => "a tuple",
        PickleDictionary => "a dictionary",
        System.Collections.IList => "a list",
        TorchTensor => "a tensor",
        TorchStorage => "a storage",
        _ => "a value",
    };
}
