using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SketchFlow.Imaging.Resizing;

/// <summary>
/// Shrinks by area averages: each output pixel is the mean of the input pixels it covers, equal to OpenCV's INTER_AREA up to rounding.
/// </summary>
/// <remarks>
/// OpenCV takes 155 µs to shrink a sketch decoded at half scale to 224 pixels, because factors that are not integers go through scalar floats. Here
/// both passes are fixed point (Q15 weights, Q7 pixels, rounded high multiplication), with the same integers with and without vectors. The
/// vertical pass is ordinary vector arithmetic; the horizontal pass gathers each tap with one two-register permutation.
/// </remarks>
internal sealed class AreaResampler
{
    [ThreadStatic]
    private static AreaResampler? t_instance;

    private readonly Axis _columns = new();
    private readonly Axis _rows = new();
    private short[] _line = [];
    private byte[] _out = [];

    /// <summary>The instance of the calling thread, which keeps its tables and lines between images.</summary>
    public static AreaResampler ForThisThread => t_instance ??= new AreaResampler();

    /// <summary>Whether vector instructions are used; false only in the test that compares them with the scalar loops.</summary>
    public bool Vectorised { get; init; } = true;

    /// <summary>Averages <paramref name="source"/> into the rows of a larger buffer.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Buffer that starts at the output's first pixel.</param>
    /// <param name="stride">Distance between the output's rows, bytes.</param>
    /// <param name="window">Part of the output that is computed, and the whole output's size, at most the source's.</param>
    public void Shrink(PixelSpan source, Span<byte> target, int stride, ResizeWindow window)
    {
        var channels = source.Channels;
        _columns.Build(source.Width, (int)window.FullWidth, (int)window.Left, window.Width, channels);
        _rows.Build(source.Height, (int)window.FullHeight, (int)window.Top, window.Height, 1);
        var (from, to) = (_columns.Length * channels, window.Width * channels);
        if (_line.Length < from + 64)
        {
            _line = new short[from + 64];
        }

        if (_out.Length < to + 32)
        {
            _out = new byte[to + 32];
        }

        var origin = source.Bytes[((_rows.Origin * source.RowLength) + (_columns.Origin * channels))..];
        for (var y = 0; y < window.Height; y++)
        {
            var taps = _rows.Taps;
            Down(origin[(_rows.First[y] * source.RowLength)..], source.RowLength, from, _rows.Weights.AsSpan(y * taps, taps));
            if (Vectorised && Avx512BW.IsSupported && _columns.Group > 0)
            {
                AcrossPermuted(to);
                _out.AsSpan(0, to).CopyTo(target[(y * stride)..]);
            }
            else
            {
                Across(target.Slice(y * stride, to), channels);
            }
        }
    }

    // Computes one line of Q7 values from the input rows that it covers.
    private void Down(ReadOnlySpan<byte> rows, int stride, int width, ReadOnlySpan<short> weights)
    {
        var x = 0;
        ref var start = ref MemoryMarshal.GetReference(rows);
        ref var line = ref MemoryMarshal.GetArrayDataReference(_line);
        var taps = weights.Length;
        while (taps > 1 && weights[taps - 1] == 0)
        {
            taps--;
        }

        if (Vectorised && Avx512BW.IsSupported)
        {
            for (; x + 32 <= width; x += 32)
            {
                var sum = Vector512<short>.Zero;
                for (var t = 0; t < taps; t++)
                {
                    var bytes = Vector256.LoadUnsafe(ref start, (nuint)((t * stride) + x));
                    sum += Avx512BW.MultiplyHighRoundScale(Avx512BW.ConvertToVector512Int16(bytes) << 7, Vector512.Create(weights[t]));
                }

                sum.StoreUnsafe(ref line, (nuint)x);
            }
        }
        else if (Vectorised && Avx2.IsSupported)
        {
            for (; x + 16 <= width; x += 16)
            {
                var sum = Vector256<short>.Zero;
                for (var t = 0; t < taps; t++)
                {
                    var bytes = Vector128.LoadUnsafe(ref start, (nuint)((t * stride) + x));
                    sum += Avx2.MultiplyHighRoundScale(Avx2.ConvertToVector256Int16(bytes) << 7, Vector256.Create(weights[t]));
                }

                sum.StoreUnsafe(ref line, (nuint)x);
            }
        }

        for (; x < width; x++)
        {
            var sum = 0;
            for (var t = 0; t < taps; t++)
            {
                sum += Scale(rows[(t * stride) + x] << 7, weights[t]);
            }

            _line[x] = (short)sum;
        }
    }

    private void Across(Span<byte> target, int channels)
    {
        var (taps, first, weights) = (_columns.Taps, _columns.First, _columns.Weights);
        for (int x = 0, e = 0; e < target.Length; x++)
        {
            for (var c = 0; c < channels; c++, e++)
            {
                var sum = 0;
                var at = (first[x] * channels) + c;
                for (var t = 0; t < taps; t++, at += channels)
                {
                    var weight = weights[(x * taps) + t];
                    if (weight == 0)
                    {
                        break;
                    }

                    sum += Scale(_line[at], weight);
                }

                target[e] = (byte)((sum + 64) >> 7);
            }
        }
    }

    // Computes up to 32 values at a time: each tap is one permutation of the 64 values that the group reads.
    private void AcrossPermuted(int width)
    {
        ref var line = ref MemoryMarshal.GetArrayDataReference(_line);
        ref var indices = ref MemoryMarshal.GetArrayDataReference(_columns.GroupIndices);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_columns.GroupWeights);
        ref var target = ref MemoryMarshal.GetArrayDataReference(_out);
        var (taps, entry) = (_columns.Taps, (nuint)0);
        for (int g = 0, at = 0; at < width; g++, at += _columns.Group)
        {
            var from = (nuint)_columns.GroupFirst[g];
            var (low, high) = (Vector512.LoadUnsafe(ref line, from), Vector512.LoadUnsafe(ref line, from + 32));
            var sum = Vector512.Create((short)64);
            for (var t = 0; t < taps; t++, entry += 32)
            {
                var values = Avx512BW.PermuteVar32x16x2(low, Vector512.LoadUnsafe(ref indices, entry), high);
                sum += Avx512BW.MultiplyHighRoundScale(values, Vector512.LoadUnsafe(ref weights, entry));
            }

            Avx512BW.ConvertToVector256Byte((sum >> 7).AsUInt16()).StoreUnsafe(ref target, (nuint)at);
        }
    }

    // The scalar form of vpmulhrsw.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scale(int value, int weight) => ((value * weight) + 0x4000) >> 15;

    /// <summary>The taps of one axis: the input pixels covered by each output pixel, and their weights.</summary>
    private sealed class Axis
    {
        private (int Source, int Target, int From, int Count, int Channels) _builtFor;

        public int Taps { get; private set; }

        /// <summary>The first input pixel that the outputs read.</summary>
        public int Origin { get; private set; }

        /// <summary>Number of input pixels from <see cref="Origin"/> that the outputs read.</summary>
        public int Length { get; private set; }

        /// <summary>The first input pixel of each output, counted from <see cref="Origin"/>.</summary>
        public int[] First { get; private set; } = [];

        /// <summary>Q15 weights, <see cref="Taps"/> per output pixel; unused ones are 0 and last.</summary>
        public short[] Weights { get; private set; } = [];

        /// <summary>Number of values per permutation (32, 16 or 8) such that their inputs fit 64 values; 0 where the factor is too large.</summary>
        public int Group { get; private set; }

        public int[] GroupFirst { get; private set; } = [];

        public short[] GroupIndices { get; private set; } = [];

        public short[] GroupWeights { get; private set; } = [];

        public void Build(int source, int target, int from, int count, int channels)
        {
            if (_builtFor == (source, target, from, count, channels))
            {
                return;
            }

            _builtFor = (source, target, from, count, channels);
            var scale = (double)source / target;
            Taps = Math.Min(source, (int)Math.Ceiling(scale) + 1);
            First = new int[count];
            Weights = new short[count * Taps];
            Origin = (int)Math.Floor((from * scale) + 1e-3);
            for (var x = 0; x < count; x++)
            {
                var (low, high) = ((from + x) * scale, Math.Min((from + x + 1) * scale, source));

                // Less than a thousandth of a pixel is the rounding error of x × scale; OpenCV ignores the same amount.
                var first = (int)Math.Floor(low + 1e-3);
                var end = Math.Max(first + 1, Math.Min(source, (int)Math.Ceiling(high - 1e-3)));
                First[x] = first - Origin;
                Length = end - Origin;
                var row = Weights.AsSpan(x * Taps, Taps);
                var (left, largest) = (1 << 15, 0);
                for (var s = first; s < end; s++)
                {
                    var share = (Math.Min(s + 1, high) - Math.Max(s, low)) / (high - low);
                    var weight = (short)Math.Clamp((int)Math.Round(share * (1 << 15)), 1, short.MaxValue);
                    row[s - first] = weight;
                    left -= weight;
                    largest = row[s - first] > row[largest] ? s - first : largest;
                }

                // The weights must sum to one, so that white stays white.
                row[largest] = (short)Math.Min(row[largest] + left, short.MaxValue);
            }

            BuildGroups(count * channels, channels);
        }

        private void BuildGroups(int values, int channels)
        {
            Group = 32;
            while (Group >= 8 && !Fits(values, channels))
            {
                Group /= 2;
            }

            if (Group < 8 || Taps > 64)
            {
                Group = 0;
                return;
            }

            var groups = (values + Group - 1) / Group;
            GroupFirst = new int[groups];
            GroupIndices = new short[groups * Taps * 32];
            GroupWeights = new short[groups * Taps * 32];
            for (var g = 0; g < groups; g++)
            {
                GroupFirst[g] = Source(g * Group, channels) - ((g * Group) % channels);
                for (var t = 0; t < Taps; t++)
                {
                    for (var i = 0; i < Group && (g * Group) + i < values; i++)
                    {
                        var value = (g * Group) + i;
                        var weight = Weights[(value / channels * Taps) + t];
                        var entry = (((g * Taps) + t) * 32) + i;
                        GroupWeights[entry] = weight;
                        GroupIndices[entry] = weight == 0 ? (short)0 : (short)(Source(value, channels) + (t * channels) - GroupFirst[g]);
                    }
                }
            }
        }

        private bool Fits(int values, int channels)
        {
            for (var first = 0; first < values; first += Group)
            {
                var last = Math.Min(first + Group, values) - 1;
                var reads = Source(last, channels) + ((Taps - 1) * channels) - (Source(first, channels) - (first % channels));
                if (reads > 63)
                {
                    return false;
                }
            }

            return true;
        }

        // The index of the first input value of an output value; each channel of a pixel is one value.
        private int Source(int value, int channels) => (First[value / channels] * channels) + (value % channels);
    }
}
