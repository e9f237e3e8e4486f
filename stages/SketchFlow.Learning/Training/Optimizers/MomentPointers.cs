using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Addresses of one element in up to four moments.</summary>
internal readonly unsafe struct MomentPointers(float* a, float* b, float* c, float* d)
{
    public float* A => a;

    public float* B => b;

    public float* C => c;

    public float* D => d;

    /// <summary>Returns the addresses of the first elements.</summary>
    public static MomentPointers From(torch.Tensor[] moments)
    {
        float* At(int i) => i < moments.Length ? TensorMemory.Pointer<float>(moments[i]) : null;
        return new MomentPointers(At(0), At(1), At(2), At(3));
    }

    public static MomentPointers operator +(MomentPointers m, long offset) => new(m.A + offset, m.B + offset, m.C + offset, m.D + offset);
}
