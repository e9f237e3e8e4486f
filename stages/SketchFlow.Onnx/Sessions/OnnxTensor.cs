using Microsoft.ML.OnnxRuntime;

namespace SketchFlow.Onnx.Sessions;

/// <summary>A tensor of 8-bit integers or of float32 numbers for an input of a model.</summary>
public sealed class OnnxTensor
{
    private readonly Func<OrtValue> _toOrtValue;

    private OnnxTensor(string name, Func<OrtValue> toOrtValue) => (Name, _toOrtValue) = (name, toOrtValue);

    /// <summary>Name of the input.</summary>
    public string Name { get; }

    /// <summary>Names a tensor; the elements are not copied.</summary>
    /// <typeparam name="T">byte or float, as the model expects.</typeparam>
    /// <param name="name">Name of the input.</param>
    /// <param name="elements">The elements, the last dimension first.</param>
    /// <param name="shape">Number of elements along each dimension.</param>
    public static OnnxTensor Of<T>(string name, T[] elements, long[] shape)
        where T : unmanaged => new(name, () => OrtValue.CreateTensorValueFromMemory(elements, shape));

    internal OrtValue ToOrtValue() => _toOrtValue();
}
