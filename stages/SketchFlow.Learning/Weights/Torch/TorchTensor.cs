using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>A tensor over a storage, as PyTorch describes it; all numbers in elements, checked to lie within the storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Elements from its first to its last, both included; 0 for an empty tensor.</summary>
    public long Reach => Shape.Contains(0) ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>Its elements lie one behind the other in the order of its indices.</summary>
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
