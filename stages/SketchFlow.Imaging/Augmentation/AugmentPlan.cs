using System.Collections.Immutable;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>
/// A list of transforms, checked and ready to run. Consecutive geometric acts become one move of the pixels with one interpolation,
/// consecutive tone tables become one; flips and the identity move bytes without interpolation.
/// </summary>
/// <remarks>
/// Every transform draws from a stream of its own, keyed by (seed, epoch, sample id, its name and how many of that name stand before it): adding,
/// removing or moving another transform changes nothing that this one draws. Because warps are fused, what one turns out of the picture a later
/// one may turn back in.
/// </remarks>
public sealed class AugmentPlan
{
    private readonly ImmutableArray<(Transform Transform, ulong Stream)> _steps;

    private AugmentPlan(ImmutableArray<(Transform, ulong)> steps) => _steps = steps;

    /// <summary>The plan that does nothing.</summary>
    public static AugmentPlan None { get; } = Compile([]);

    /// <summary>The transforms, in order.</summary>
    public IEnumerable<Transform> Transforms => _steps.Select(s => s.Transform);

    /// <summary>Checks the options and fixes the streams.</summary>
    /// <exception cref="RefusalException">An option is out of range.</exception>
    public static AugmentPlan Compile(IReadOnlyList<Transform> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var steps = ImmutableArray.CreateBuilder<(Transform, ulong)>(transforms.Count);
        foreach (var transform in transforms)
        {
            transform.Check();
            var before = seen.GetValueOrDefault(transform.Name);
            seen[transform.Name] = before + 1;
            steps.Add((transform, KeyedRandom.Hash($"{before}:{transform.Name}")));
        }

        return new(steps.ToImmutable());
    }

    /// <summary>Augments one image as it looks in <paramref name="epoch"/> of the run with <paramref name="seed"/>.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">From 0.</param>
    /// <returns>New pixels, which the caller owns: the same bytes for the same arguments, on any thread.</returns>
    public Pixels Apply(Pixels input, long seed, int epoch)
    {
        var size = new ImageSize(input.Width, input.Height);
        var ops = new List<PixelOp>(_steps.Length + 2);
        foreach (var (transform, stream) in _steps)
        {
            var random = KeyedRandom.For(seed, epoch, input.Sample.Id, stream);
            if (random.Happens(transform.P))
            {
                var first = ops.Count;
                transform.SampleOps(ref random, size, ops);
                size = SizeAfter(ops, first, size);
            }
        }

        return Run(input, ops);
    }

    /// <summary>Runs drawn acts on one image, fusing neighbours.</summary>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(Pixels input, IReadOnlyList<PixelOp> ops)
    {
        var current = input;
        try
        {
            for (var i = 0; i < ops.Count;)
            {
                var op = ops[i++];
                switch (op)
                {
                    case PixelOp.Affine or PixelOp.Remap:
                        var first = i - 1;
                        while (i < ops.Count && FillOf(ops[i]) is { } fill && fill == FillOf(op))
                        {
                            i++;
                        }

                        current = Move(current, Augment.Move(current, ops, first, i));
                        break;
                    case PixelOp.LevelMap tone:
                        while (i < ops.Count && ops[i] is PixelOp.LevelMap next)
                        {
                            tone = new PixelOp.LevelMap(Augment.Through(tone.Table, next.Table));
                            i++;
                        }

                        current = Move(current, Augment.Map(current, tone.Table));
                        break;
                    case PixelOp.Custom paint:
                        current = Move(current, paint.Run(current));
                        break;
                }
            }

            return ReferenceEquals(current, input) ? input.Clone() : current;
        }
        catch
        {
            if (!ReferenceEquals(current, input))
            {
                current.Dispose();
            }

            throw;
        }

        static byte? FillOf(PixelOp op) => op switch { PixelOp.Affine warp => warp.Fill, PixelOp.Remap bend => bend.Fill, _ => null };

        Pixels Move(Pixels from, Pixels to)
        {
            if (!ReferenceEquals(from, input) && !ReferenceEquals(from, to))
            {
                from.Dispose();
            }

            return to;
        }
    }

    internal static ImageSize SizeAfter(List<PixelOp> ops, int first, ImageSize size)
    {
        for (var i = first; i < ops.Count; i++)
        {
            size = ops[i] is PixelOp.Affine warp ? warp.Size : size;
        }

        return size;
    }

    /// <summary>The transforms in order, such as <c>horizontal-flip(p=0.5) > rotate(limit=15, fill=255, p=0.5)</c>.</summary>
    public override string ToString() => _steps.IsEmpty ? "none" : string.Join(" > ", Transforms);
}
