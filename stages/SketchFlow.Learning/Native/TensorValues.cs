using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Copies tensors of any device, layout and precision into arrays.</summary>
internal static class TensorValues
{
    /// <summary>Copies the elements as float32, in the order of the dimensions.</summary>
    public static float[] ToArray(torch.Tensor tensor) => tensor.to(torch.float32).cpu().contiguous().data<float>().ToArray();
}
