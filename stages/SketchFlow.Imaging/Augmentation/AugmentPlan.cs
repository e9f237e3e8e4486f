using System.Collections.Immutable;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>
/// A checked list of transforms. Consecutive geometric operations are fused into one move of the pixels with one interpolation, consecutive
/// level tables into one table; flips and the identity move bytes without interpolation.
/// </summary>
/// <remarks>
/// Each transform has its own random stream, keyed by (seed, epoch, sample id, transform name, number of earlier transforms of that name): adding,
/// removing or moving another transform does not change its random draws. Because affine maps are fused, parts that one map moves out of the
/// image may be moved back in by a later one.
/// </remarks>
public sealed class AugmentPlan
{
    private readonly ImmutableArray<(Transform Transform, ulong Stream)> _steps;

    private AugmentPlan(ImmutableArray<(Transform, ulong)> steps) => _steps = steps;

    /// <summary>The plan without transforms.</summary>
    public static AugmentPlan None { get; } = Compile([]);

    /// <summary>The transforms, in order.</summary>
    public IEnumerable<Transform> Transforms => _steps.Select(s => s.Transform);

    /// <summary>Checks the options and assigns the random streams.</summary>
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

    /// <summary>Augments an image for the given epoch.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    /// <returns>New pixels, which the caller owns: equal arguments give equal bytes on any thread.</returns>
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

    /// <summary>Runs operations on one image and fuses neighbours.</summary>
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

                        current = Move(current, GeometryFusion.Run(current, ops, first, i));
                        break;
                    case PixelOp.LevelMap levels:
                        while (i < ops.Count && ops[i] is PixelOp.LevelMap next)
                        {
                            levels = new PixelOp.LevelMap(LookupTables.Compose(levels.Table, next.Table));
                            i++;
                        }

                        current = Move(current, LookupTables.Apply(current, levels.Table));
                        break;
                    case PixelOp.Custom custom:
                        current = Move(current, custom.Run(current));
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

        static byte? FillOf(PixelOp op) => op switch { PixelOp.Affine affine => affine.Fill, PixelOp.Remap remap => remap.Fill, _ => null };

        Pixels Move(Pixels from, Pixels to)
        {
            if (!ReferenceEquals(from, input) && !ReferenceEquals(from, to))
            {
                from.Dispose();
            }

            return to;
        }
    }

    /// <summary>Returns the image's size after the operations from index <paramref name="first"/> on.</summary>
    internal static ImageSize SizeAfter(List<PixelOp> ops, int first, ImageSize size)
    {
        for (var i = first; i < ops.Count; i++)
        {
            size = ops[i] is PixelOp.Affine warp ? warp.Size : size;
        }

        return size;
    }

    /// <summary>Describes the transforms in order, such as <c>horizontal-flip(p=0.5) > rotate(limit=15, fill=255, p=0.5)</c>.</summary>
    public override string ToString() => _steps.IsEmpty ? "none" : string.Join(" > ", Transforms);
}
