using System.Collections.Concurrent;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// A tensor that is no weight and never changes, such as a filter or a table of sines: made once for each device and type that
    /// asks, and kept as long as the model. Callers must not free it.
    /// </summary>
    /// <param name="values">Its elements.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="scale">Multiplies the elements.</param>
    /// <returns>The constant on the device of the given tensor and in its type.</returns>
    public static Func<torch.Tensor, torch.Tensor> Constant(float[] values, long[] shape, float scale = 1) => Constant(() => values, shape, scale);

    /// <summary>The same for elements that are only worked out when a pass asks for them: a declared model stays small.</summary>
    /// <param name="values">Gives its elements.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="scale">Multiplies the elements.</param>
    public static Func<torch.Tensor, torch.Tensor> Constant(Func<float[]> values, long[] shape, float scale = 1)
    {
        var made = new ConcurrentDictionary<(DeviceType Device, int Index, torch.ScalarType Type), torch.Tensor>();
        return like => made.GetOrAdd((like.device_type, like.device_index, like.dtype), _ =>
        {
            // A tensor born in inference mode could not be used in training later.
            using var tracked = torch.inference_mode(false);
            using var quiet = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            return (torch.tensor(values(), shape) * scale).to(like.dtype, like.device, copy: true).DetachFromDisposeScope();
        });
    }

    /// <summary>The same for places in a table: 64-bit, on the device of the given tensor.</summary>
    internal static Func<torch.Tensor, torch.Tensor> Indices(Func<long[]> values)
    {
        var made = new ConcurrentDictionary<(DeviceType Device, int Index), torch.Tensor>();
        return like => made.GetOrAdd((like.device_type, like.device_index), _ =>
        {
            using var tracked = torch.inference_mode(false);
            using var quiet = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            return torch.tensor(values()).to(torch.ScalarType.Int64, like.device, copy: true).DetachFromDisposeScope();
        });
    }
}
