using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Copies tensors of any device, layout and precision into .NET's memory.</summary>
internal static class TensorValues
{
    /// <summary>Copies the elements as float32, in the order of the dimensions.</summary>
    public static float[] ToArray(torch.Tensor tensor) => tensor.to(torch.float32).cpu().contiguous().data<float>().ToArray();

    /// <summary>Reads the only element, without the scalar that TorchSharp's <c>ToDouble</c> makes (see <see cref="KeptScalars"/>).</summary>
    /// <exception cref="ArgumentException">The tensor has not exactly one element.</exception>
    public static double AsDouble(this torch.Tensor tensor)
    {
        using var value = tensor.detach().to(torch.float64);
        return value.item<double>();
    }

    /// <summary>Reads the only element of a tensor of truth values.</summary>
    /// <exception cref="ArgumentException">The tensor has not exactly one element.</exception>
    public static bool IsTrue(this torch.Tensor tensor) => tensor.AsDouble() != 0;
}
