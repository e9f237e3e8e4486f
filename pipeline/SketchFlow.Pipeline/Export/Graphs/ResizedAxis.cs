using SketchFlow.Imaging.Resizing;
using SketchFlow.Onnx.Graphs;

namespace SketchFlow.Pipeline.Export.Graphs;

/// <summary>The rows or the columns of an image that a graph resizes: integers that the graph computes from the image's shape.</summary>
/// <param name="Length">Number of pixels of the image.</param>
/// <param name="Full">Number of pixels of the whole resized image.</param>
/// <param name="Left">Pixel of the resized image that is the first of the square; negative where the square has padding before.</param>
/// <param name="Side">Number of pixels of the square.</param>
internal sealed record ResizedAxis(GraphValue Length, GraphValue Full, GraphValue Left, int Side)
{
    // An interpolation reads up to four pixels more than it gives.
    private const int Margin = 4;

    // OpenCV's weights have 11 bits.
    private const double Weight = 1 << 11;

    /// <summary>Number of pixels after area averages: those of the square, or the pixels that an interpolation needs.</summary>
    public int Averaged => Side + Margin;

    private OnnxGraph Graph => Length.Graph;

    private GraphValue Grows => Full > Length;

    private GraphValue Places => Range(Side) + Left;

    // Padding repeats the pixels at the border until the fill replaces it.
    private GraphValue Clamped => Places.Max(0).Min(Full - 1);

    // The first pixel of the image that is needed where it grows.
    private GraphValue First => (Quotient(Left.Max(0)) - 1).Max(0);

    /// <summary>Adds whether the pixels of the square belong to the image and not to the padding: (Side).</summary>
    public GraphValue Inside() => (Places > Length.Constant(-1L)) & (Places < Full);

    /// <summary>Adds the weights of area averages, of an identity where the image grows: (Averaged, Length), or its transpose.</summary>
    /// <remarks>A pixel covers as much of another as two intervals overlap; in units of 1 / Full both have integral ends.</remarks>
    public GraphValue AreaWeights(bool transposed)
    {
        var shrunk = Full.Min(Length);
        var (output, input) = Crossed(Range(Averaged) + Grows.Choose(First, Left), transposed);
        var overlap = ((output + 1) * Length).Min((input + 1) * shrunk) - (output * Length).Max(input * shrunk);
        return overlap.Max(0).Cast(OnnxType.Float32) / Length.Cast(OnnxType.Float32);
    }

    /// <summary>Adds the loss of levels above 128 along an axis that does not shrink, which decides about halves along the other.</summary>
    /// <remarks>The weights of <see cref="AreaResampler"/> have 15 fraction bits, so that one is 1 - 1 / 32768, and its levels have 7.</remarks>
    public GraphValue LoseOnIdentity(GraphValue levels)
    {
        const double Half = 128;
        const double Loss = 1 / Half;
        var lost = (levels > levels.Constant(Half)).Choose(levels.Constant(Loss), levels.Constant(0.0));
        return levels - (lost * (Full < Length).Choose(levels.Constant(0.0), levels.Constant(1.0)));
    }

    /// <summary>Adds the taps of an interpolation, which passes averaged pixels through: places among them and weights, both (Side).</summary>
    public IEnumerable<(GraphValue Place, GraphValue Weight)> Taps(bool cubic)
    {
        var (grows, place) = (Grows, Quotient(Clamped));
        var last = grows.Choose(Length - 1, Length.Constant(Averaged - 1L));
        var first = grows.Choose(First, Length.Constant(0L));
        var fraction = grows.Choose(Remainder(place), Length.Constant(0.0));
        var start = grows.Choose(place, Range(Side));
        foreach (var tap in cubic ? new[] { -1L, 0, 1, 2 } : [0, 1])
        {
            var distance = (fraction - (double)tap).Node("Abs");
            var weight = cubic ? Kernels.Cubic(distance, Kernels.OpenCvCubic) : Kernels.Linear(distance);
            yield return ((start + tap).Max(0).Min(last) - first, (weight * Weight).Node("Round"));
        }
    }

    /// <summary>Adds the weights of one of Pillow's filters: (Side, Length), or its transpose.</summary>
    public GraphValue FilterWeights(Interpolation filter, bool transposed)
    {
        const double Bits = 1 << 22;
        var (output, input) = Crossed(Clamped, transposed);
        var distance = ((((input * 2) + 1) * Full) - (((output * 2) + 1) * Length)).Node("Abs").Cast(OnnxType.Float32)
            / (Full.Max(Length) * 2).Cast(OnnxType.Float32);
        var weights = filter switch
        {
            Interpolation.Bilinear => Kernels.Linear(distance),
            Interpolation.Bicubic => Kernels.Cubic(distance, Kernels.PillowCubic),
            _ => Kernels.Lanczos(distance),
        };
        // The dimensions of ReduceSum are an input in all versions of the operators that are written.
        var total = Length with { Name = Graph.AddReduction("ReduceSum", weights.Name, [transposed ? 0 : 1], keeps: true, opset: 18) };
        return (weights / total * Bits).Node("Round") / Bits;
    }

    // The pixel below the centre of a resized one: the centre is ((2 i + 1) Length - Full) / (2 Full), above -1.
    private GraphValue Quotient(GraphValue place) => ((Centre(place) + (Full * 2)) / (Full * 2)) - 1;

    private GraphValue Remainder(GraphValue quotient) =>
        (Centre(Clamped) - (quotient * Full * 2)).Cast(OnnxType.Float32) / (Full * 2).Cast(OnnxType.Float32);

    private GraphValue Centre(GraphValue place) => (((place * 2) + 1) * Length) - Full;

    private (GraphValue Output, GraphValue Input) Crossed(GraphValue output, bool transposed)
    {
        var scalar = Graph.AddNode("Squeeze", [Length.Name]);
        var zero = Graph.AddNode("Squeeze", [Length.Constant(0L).Name]);
        var one = Graph.AddNode("Squeeze", [Length.Constant(1L).Name]);
        var input = Length with { Name = Graph.AddNode("Range", [zero, scalar, one]) };
        return transposed ? (output, input.AsColumn()) : (output.AsColumn(), input);
    }

    private GraphValue Range(int count) => Length with { Name = Graph.AddVector([.. Enumerable.Range(0, count).Select(i => (long)i)]) };

    /// <summary>Weights by the distance from the centre of a pixel.</summary>
    private static class Kernels
    {
        /// <summary>OpenCV's coefficient of its cubic.</summary>
        public const double OpenCvCubic = -0.75;

        /// <summary>Pillow's coefficient of its cubic.</summary>
        public const double PillowCubic = -0.5;

        public static GraphValue Linear(GraphValue x) => (x.Constant(1.0) - x).Max(0.0);

        public static GraphValue Cubic(GraphValue x, double a)
        {
            var near = (((x * (a + 2)) - (a + 3)) * x * x) + 1.0;
            var far = (((((x - 5.0) * x) + 8.0) * x) - 4.0) * a;
            return (x < x.Constant(1.0)).Choose(near, (x < x.Constant(2.0)).Choose(far, x.Constant(0.0)));
        }

        public static GraphValue Lanczos(GraphValue x)
        {
            const double Lobes = 3;
            var angle = x.Max(1e-6) * Math.PI;
            var product = angle.Node("Sin") * (angle / Lobes).Node("Sin") * Lobes / (angle * angle);
            return (x < x.Constant(Lobes)).Choose(product, x.Constant(0.0));
        }
    }
}
