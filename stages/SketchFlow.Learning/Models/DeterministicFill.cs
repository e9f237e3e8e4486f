using System.Runtime.Intrinsics;
using SketchFlow.Data.Machine;

namespace SketchFlow.Learning.Models;

/// <summary>Fills fresh tensors with the values of an <see cref="Initializer"/>, determined by seed and tensor name alone.</summary>
public static class DeterministicFill
{
    // Values are drawn in chunks of a fixed length, each from its own random stream, so that the number of threads does not matter.
    private const int Chunk = 1 << 16;

    /// <summary>
    /// Fills <paramref name="count"/> float32 values at <paramref name="destination"/>; the order in which tensors are filled does not matter.
    /// </summary>
    public static unsafe void Fill(float* destination, long count, Initializer initializer, long seed, string name)
    {
        if (initializer is Initializer.Halves halves)
        {
            Fill(destination, count / 2, halves.First, seed, name);
            Fill(destination + (count / 2), count - (count / 2), halves.Second, seed, $"{name}, second half");
            return;
        }

        var stream = KeyedRandom.For(seed, 0, 0, name);
        if (initializer is Initializer.RotaryFrequencies frequencies)
        {
            FillFrequencies(new Span<float>(destination, checked((int)count)), frequencies, stream);
            return;
        }

        Parallel.For(0, (count + Chunk - 1) / Chunk, chunk =>
        {
            var from = chunk * Chunk;
            Draw(new Span<float>(destination + from, (int)Math.Min(Chunk, count - from)), initializer, stream.Fork((ulong)chunk));
        });
    }

    private static void Draw(Span<float> values, Initializer initializer, KeyedRandom random)
    {
        switch (initializer)
        {
            case Initializer.Constant constant:
                values.Fill((float)constant.Value);
                break;
            case Initializer.Uniform uniform:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)random.NextUniform(-uniform.Bound, uniform.Bound);
                }

                break;
            case Initializer.Normal normal:
                Normal(values, (float)normal.StandardDeviation, ref random);
                break;
            case Initializer.TruncatedNormal cut:
                Normal(values, (float)cut.StandardDeviation, ref random);
                for (var i = 0; i < values.Length; i++)
                {
                    while (MathF.Abs(values[i]) > 2)
                    {
                        values[i] = (float)(random.NextNormal() * cut.StandardDeviation);
                    }
                }

                break;
            default:
                throw new NotSupportedException($"No implementation of the initializer {initializer}.");
        }
    }

    /// <summary>Fills the frequencies along x of all heads, then along y; each head's angle comes from its own random stream.</summary>
    private static void FillFrequencies(Span<float> values, Initializer.RotaryFrequencies frequencies, KeyedRandom stream)
    {
        var (half, bands, axisLength) = (frequencies.HeadWidth / 2, frequencies.HeadWidth / 4, values.Length / 2);
        for (var head = 0; head < axisLength / half; head++)
        {
            var angle = stream.Fork((ulong)head).NextUniform(0, 2 * Math.PI);
            for (var i = 0; i < half; i++)
            {
                var frequency = Math.Pow(frequencies.Temperature, -(double)(i % bands) / bands);
                var rotated = angle + (i / bands * Math.PI / 2);
                values[(head * half) + i] = (float)(frequency * Math.Cos(rotated));
                values[axisLength + (head * half) + i] = (float)(frequency * Math.Sin(rotated));
            }
        }
    }

    /// <summary>
    /// Draws normal values by the Box-Muller transform in single precision, sixteen at a time. The vector length is fixed, so that machines
    /// with longer or shorter registers draw the same values.
    /// </summary>
    private static void Normal(Span<float> values, float deviation, ref KeyedRandom random)
    {
        Span<uint> radii = stackalloc uint[8];
        Span<uint> angles = stackalloc uint[8];
        Span<float> block = stackalloc float[16];
        for (var start = 0; start < values.Length; start += 16)
        {
            for (var i = 0; i < 8; i++)
            {
                var bits = random.NextBits();
                (radii[i], angles[i]) = ((uint)(bits >> 40) + 1, (uint)(bits & 0xFFFFFF));
            }

            const float Unit = 1f / (1 << 24);
            var radius = Vector256.Sqrt(Vector256.Log(Floats(radii) * Unit) * -2f) * deviation;
            var (sine, cosine) = Vector256.SinCos(Floats(angles) * (2 * MathF.PI * Unit));
            (radius * cosine).CopyTo(block);
            (radius * sine).CopyTo(block[8..]);
            var left = Math.Min(16, values.Length - start);
            block[..left].CopyTo(values[start..]);
        }

        // Both have at most 24 bits, so the conversion is exact.
        static Vector256<float> Floats(Span<uint> whole) => Vector256.ConvertToSingle(Vector256.Create<uint>(whole).AsInt32());
    }
}
