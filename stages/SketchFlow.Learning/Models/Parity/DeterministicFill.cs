using System.Runtime.Intrinsics;
using SketchFlow.Data.Machine;

namespace SketchFlow.Learning.Models.Parity;

/// <summary>Fresh values: what a <see cref="Initializer"/> draws, from (seed, tensor name) alone.</summary>
public static class DeterministicFill
{
    // Numbers are drawn in pieces of a fixed length, each from a stream of its own: so the threads that share them change nothing.
    private const int Piece = 1 << 16;

    /// <summary>Fills <paramref name="count"/> float32 values at <paramref name="destination"/>; the same for the same seed and name in any order of tensors.</summary>
    public static unsafe void Fill(float* destination, long count, Initializer start, long seed, string name)
    {
        if (start is Initializer.Halves halves)
        {
            Fill(destination, count / 2, halves.First, seed, name);
            Fill(destination + (count / 2), count - (count / 2), halves.Second, seed, $"{name}, second half");
            return;
        }

        var stream = KeyedRandom.For(seed, 0, 0, name);
        if (start is Initializer.Speeds speeds)
        {
            Turn(new Span<float>(destination, checked((int)count)), speeds, stream);
            return;
        }

        Parallel.For(0, (count + Piece - 1) / Piece, piece =>
        {
            var from = piece * Piece;
            Draw(new Span<float>(destination + from, (int)Math.Min(Piece, count - from)), start, stream.Fork((ulong)piece));
        });
    }

    private static void Draw(Span<float> values, Initializer start, KeyedRandom chance)
    {
        switch (start)
        {
            case Initializer.Constant constant:
                values.Fill((float)constant.Value);
                break;
            case Initializer.Uniform uniform:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)chance.NextUniform(-uniform.Bound, uniform.Bound);
                }

                break;
            case Initializer.Normal normal:
                Normal(values, (float)normal.StandardDeviation, ref chance);
                break;
            case Initializer.TruncatedNormal cut:
                Normal(values, (float)cut.StandardDeviation, ref chance);
                for (var i = 0; i < values.Length; i++)
                {
                    while (MathF.Abs(values[i]) > 2)
                    {
                        values[i] = (float)(chance.NextNormal() * cut.StandardDeviation);
                    }
                }

                break;
            default:
                throw new NotSupportedException($"No way to draw {start}.");
        }
    }

    /// <summary>Speeds along x of all heads, then along y; a head's angle comes from a stream of its own.</summary>
    private static void Turn(Span<float> values, Initializer.Speeds speeds, KeyedRandom stream)
    {
        var (half, bands, along) = (speeds.HeadWidth / 2, speeds.HeadWidth / 4, values.Length / 2);
        for (var head = 0; head < along / half; head++)
        {
            var angle = stream.Fork((ulong)head).NextUniform(0, 2 * Math.PI);
            for (var i = 0; i < half; i++)
            {
                var speed = Math.Pow(speeds.Temperature, -(double)(i % bands) / bands);
                var turned = angle + (i / bands * Math.PI / 2);
                values[(head * half) + i] = (float)(speed * Math.Cos(turned));
                values[along + (head * half) + i] = (float)(speed * Math.Sin(turned));
            }
        }
    }

    /// <summary>
    /// Box and Muller's pairs in single precision, sixteen numbers at a time. The vectors' length is fixed, so that machines with
    /// longer or shorter registers draw the same.
    /// </summary>
    private static void Normal(Span<float> values, float deviation, ref KeyedRandom chance)
    {
        Span<uint> radii = stackalloc uint[8];
        Span<uint> angles = stackalloc uint[8];
        Span<float> drawn = stackalloc float[16];
        for (var start = 0; start < values.Length; start += 16)
        {
            for (var i = 0; i < 8; i++)
            {
                var bits = chance.NextBits();
                (radii[i], angles[i]) = ((uint)(bits >> 40) + 1, (uint)(bits & 0xFFFFFF));
            }

            const float Unit = 1f / (1 << 24);
            var radius = Vector256.Sqrt(Vector256.Log(Floats(radii) * Unit) * -2f) * deviation;
            var (sine, cosine) = Vector256.SinCos(Floats(angles) * (2 * MathF.PI * Unit));
            (radius * cosine).CopyTo(drawn);
            (radius * sine).CopyTo(drawn[8..]);
            var left = Math.Min(16, values.Length - start);
            drawn[..left].CopyTo(values[start..]);
        }

        // Both have 24 bits at most: exact.
        static Vector256<float> Floats(Span<uint> whole) => Vector256.ConvertToSingle(Vector256.Create<uint>(whole).AsInt32());
    }
}
