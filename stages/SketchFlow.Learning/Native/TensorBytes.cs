using System.Buffers;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>The bytes of a float32 tensor on the CPU as memory, without a copy. They are valid as long as the tensor is.</summary>
/// <param name="tensor">A contiguous tensor of at most 2 GB.</param>
internal sealed unsafe class TensorBytes(torch.Tensor tensor) : MemoryManager<byte>
{
    private readonly int _length = checked((int)(tensor.numel() * sizeof(float)));

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(TensorMemory.Pointer<float>(tensor), _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)TensorMemory.Pointer<float>(tensor) + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // The memory of a tensor does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The tensor belongs to the caller.
    }
}
