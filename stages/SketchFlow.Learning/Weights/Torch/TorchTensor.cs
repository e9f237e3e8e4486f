using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>A strided view of a storage, as PyTorch describes a tensor. All numbers count elements and have been checked against the storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">Position of the first element in the storage.</param>
/// <param name="Shape">Size of each dimension.</param>
/// <param name="Strides">Distance between neighbouring elements in each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Number of storage elements from the first to the last element of the tensor, both included; 0 for an empty tensor.</summary>
    public long Reach => Shape.Contains(0) ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>Whether the elements are adjacent in the storage, in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var d = Shape.Length - 1; d >= 0; d--)
            {
                if (Shape[d] != 1 && Strides[d] != expected)
                {
                    return Shape.Contains(0);
                }

                expected *= Shape[d];
            }

            return true;
        }
    }
}
