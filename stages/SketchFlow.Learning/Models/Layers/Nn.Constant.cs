using System.Collections.Concurrent;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Returns a constant tensor that is not a weight, such as a filter or a table of sines. It is created once per device and type and lives
    /// as long as the model; callers must not dispose it.
    /// </summary>
    /// <param name="values">The elements.</param>
    /// <param name="shape">Number of elements along each dimension.</param>
    /// <param name="scale">Factor of the elements.</param>
    /// <returns>A function that returns the constant on the device and in the type of its argument.</returns>
    public static Func<Value, Value> Constant(float[] values, long[] shape, float scale = 1) => Constant(() => values, shape, scale);

    /// <summary>Returns a constant whose elements are computed when first used, so that a declared model stays small.</summary>
    /// <inheritdoc cref="Constant(float[], long[], float)"/>
    public static Func<Value, Value> Constant(Func<float[]> values, long[] shape, float scale = 1)
    {
        var cache = new ConcurrentDictionary<(DeviceType Device, int Index, torch.ScalarType Type), torch.Tensor>();
        return like => new(cache.GetOrAdd((like.DeviceType, like.DeviceIndex, like.Type), _ =>
        {
            // A tensor created in inference mode could not be used in training later.
            using var tracked = torch.inference_mode(false);
            using var quiet = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            return (torch.tensor(values(), shape) * Keep(scale)).to(like.Type, like.Device, copy: true).DetachFromDisposeScope();
        }));
    }

    /// <summary>Returns constant 64-bit indices, created when first used, on the device of the function's argument.</summary>
    internal static Func<Value, Value> ConstantIndices(Func<long[]> values)
    {
        var cache = new ConcurrentDictionary<(DeviceType Device, int Index), torch.Tensor>();
        return like => new(cache.GetOrAdd((like.DeviceType, like.DeviceIndex), _ =>
        {
            using var tracked = torch.inference_mode(false);
            using var quiet = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            return torch.tensor(values()).to(torch.ScalarType.Int64, like.Device, copy: true).DetachFromDisposeScope();
        }));
    }
}
