using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Hands numbers to libtorch so that they live until the native call has read them. TorchSharp converts a number to a <see cref="Scalar"/>,
/// passes the address of its native value and forgets the object; a garbage collection during the call may then free the value that
/// libtorch is about to read (TorchSharp 0.107, <c>Tensor.mul(Scalar)</c> and its siblings; also <c>a + b</c>, which multiplies b by a scalar
/// of one). The call fails, or computes with another number. A test holds that this project converts no number in another way.
/// </summary>
internal static class KeptScalars
{
    // A native call reads at most four scalars and returns before its thread makes others, except where it calls back.
    private const int Slots = 64;

    [ThreadStatic]
    private static Scalar?[]? _ring;

    [ThreadStatic]
    private static int _next;

    /// <summary>Creates a scalar that stays valid while this thread makes fewer than 64 others.</summary>
    public static Scalar Keep(double value) => Store(value.ToScalar());

    /// <inheritdoc cref="Keep(double)"/>
    public static Scalar Keep(long value) => Store(value.ToScalar());

    /// <summary>Adds two tensors of shapes that broadcast.</summary>
    public static torch.Tensor Plus(this torch.Tensor left, torch.Tensor right) => left.add(right, Keep(1));

    /// <summary>Adds a number to each element.</summary>
    public static torch.Tensor Plus(this torch.Tensor left, double right) => left.add(Keep(right), Keep(1));

    /// <summary>Subtracts each element from 1.</summary>
    public static torch.Tensor Complement(this torch.Tensor share) => share.neg().Plus(1);

    /// <summary>Adds a tensor of a shape that broadcasts to this one, in place.</summary>
    public static torch.Tensor Increase(this torch.Tensor target, torch.Tensor by) => target.add_(by, Keep(1));

    /// <summary>Adds a number to each element, in place.</summary>
    public static torch.Tensor Increase(this torch.Tensor target, double by) => target.add_(Keep(by), Keep(1));

    private static Scalar Store(Scalar scalar)
    {
        var ring = _ring ??= new Scalar?[Slots];
        ring[_next]?.Dispose();
        ring[_next] = scalar;
        _next = (_next + 1) % Slots;
        return scalar;
    }
}
