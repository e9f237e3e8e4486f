using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>
/// An operation of the forward pass with its settings. It computes tensors with libtorch, and infers the shapes of its results, so that a
/// forward pass can be recorded without computing it.
/// </summary>
/// <remarks>
/// Layers call the methods of <see cref="Value"/>, which create operations. The same <see cref="Run"/> serves training, inference and the
/// replay of a recorded <see cref="Graph"/>.
/// </remarks>
public abstract partial record Operation
{
    private Operation()
    {
    }

    /// <summary>Computes the results.</summary>
    /// <param name="inputs">Inputs in the order of the operation's documentation; optional ones at the end may be missing.</param>
    internal abstract torch.Tensor Run(torch.Tensor[] inputs);

    /// <summary>Infers the shape of the result.</summary>
    /// <param name="inputs">Shapes of the inputs.</param>
    internal abstract long[] InferShape(long[][] inputs);

    /// <summary>Whether the operation overwrites its first input with the result.</summary>
    public virtual bool IsInPlace => false;

    /// <summary>Whether the operation is a convolution, a matrix product or attention, which do nearly all work of a network.</summary>
    public bool IsProduct => this is Convolution or ConvolutionPerImage or Linear or MatrixProduct or Einsum or Attention;

    /// <summary>Returns the dimension counted from the first, where a negative one counts from the last.</summary>
    private static int FromFirst(int dimension, int rank) => dimension < 0 ? dimension + rank : dimension;

    /// <summary>Returns the shape to which shapes broadcast by PyTorch's rules.</summary>
    private static long[] Broadcast(params ReadOnlySpan<long[]> shapes)
    {
        var rank = 0;
        foreach (var shape in shapes)
        {
            rank = Math.Max(rank, shape.Length);
        }

        var result = new long[rank];
        Array.Fill(result, 1);
        foreach (var shape in shapes)
        {
            for (var i = 0; i < shape.Length; i++)
            {
                var (at, size) = (rank - shape.Length + i, shape[i]);
                if (size != 1 && result[at] != 1 && result[at] != size)
                {
                    throw new InvalidOperationException($"The shapes ({string.Join(", ", result)}) and ({string.Join(", ", shape)}) do not broadcast.");
                }

                result[at] = size == 1 ? result[at] : size;
            }
        }

        return result;
    }

    /// <summary>Returns a shape without some dimensions, or with 1 in their place.</summary>
    private static long[] Reduce(long[] shape, IReadOnlyList<int> dimensions, bool keep)
    {
        var reduced = dimensions.Select(d => FromFirst(d, shape.Length)).ToHashSet();
        return keep
            ? [.. shape.Select((size, i) => reduced.Contains(i) ? 1 : size)]
            : [.. shape.Where((_, i) => !reduced.Contains(i))];
    }

    private static long[] AsLongs(IEnumerable<int> dimensions) => [.. dimensions.Select(d => (long)d)];
}
