using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>RandAugment as implemented in timm; recipes may also use timm's notation, such as <c>rand-m9-mstd0.5-inc1</c>.</summary>
/// <remarks>
/// Follows timm 1.0 <c>data/auto_augment.py</c> (<c>rand_augment_transform</c>): fifteen operations, levels of 0-10, each applied with a
/// probability of one half. Unlike in timm, pixels outside of the image are white, and interpolation is always bilinear. timm reads <c>inc0</c> as
/// <c>inc1</c> (any text is true in Python); here it is off.
/// </remarks>
public sealed partial record TimmRandAugment : Transform, ITransformNotation
{
    private static readonly string[] OperationNames =
    [
        "AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "Solarize", "SolarizeAdd", "Color", "Contrast", "Brightness", "Sharpness", "ShearX",
        "ShearY", "TranslateX", "TranslateY",
    ];

    // timm's set 0 of operation weights, in the order of the operations.
    private static readonly double[] Weights = [0.025, 0.005, 0, 0.3, 0, 0.005, 0.005, 0.025, 0.005, 0.005, 0.025, 0.2, 0.2, 0.1, 0.1];

    /// <summary>Creates the transform with a probability of 1.</summary>
    public TimmRandAugment() => P = 1;

    /// <summary>Number of operations per image (n).</summary>
    public int Operations { get; init; } = 2;

    /// <summary>Level of the operations; 10 is full strength (m).</summary>
    public double Magnitude { get; init; } = 9;

    /// <summary>Standard deviation of the levels (mstd); above 100 the levels are uniform from 0 to the magnitude.</summary>
    public double MagnitudeStd { get; init; } = 0.5;

    /// <summary>Largest level after adding the noise (mmax).</summary>
    public double MagnitudeMax { get; init; } = 10;

    /// <summary>Makes all operations stronger with the level (inc); otherwise some become weaker.</summary>
    public bool Increasing { get; init; } = true;

    /// <summary>Draws operations with timm's weights, mostly geometric ones, without repetition (w0); otherwise uniformly.</summary>
    public bool Weighted { get; init; }

    /// <summary>Probability of applying each drawn operation.</summary>
    public double Each { get; init; } = 0.5;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        // With weights, only the thirteen operations of a weight above 0 can be drawn.
        CheckRange(Operations, 1, 13, nameof(Operations));
        CheckRange(Magnitude, 0, 30, nameof(Magnitude));
        CheckRange(MagnitudeStd, 0, 1e9, nameof(MagnitudeStd));
        CheckRange(MagnitudeMax, 0, 30, nameof(MagnitudeMax));
        CheckRange(Each, 0, 1, nameof(Each));
    }

    /// <summary>Whether a name is in timm's notation.</summary>
    public static bool IsNotation(string name) => name.StartsWith("rand-", StringComparison.Ordinal) && !Known.ContainsKey(name);

    bool ITransformNotation.IsNotation(string name) => IsNotation(name);

    Transform ITransformNotation.Parse(string notation) => Parse(notation);

    /// <summary>Parses timm's notation: <c>rand</c>, then sections m, n, mstd, mmax, inc, w and p in any order, each with a number.</summary>
    /// <exception cref="RefusalException">A section is unknown or its number is invalid.</exception>
    public static TimmRandAugment Parse(string notation)
    {
        // timm's defaults for missing sections differ from the usual recipe, which the properties default to.
        var result = new TimmRandAugment { Magnitude = 10, MagnitudeStd = 0, Increasing = false };
        foreach (var section in notation.Split('-').Skip(1))
        {
            var match = Section().Match(section);
            if (!match.Success || !double.TryParse(match.Groups["value"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                throw Unknown(section);
            }

            result = (match.Groups["key"].Value, number == Math.Floor(number)) switch
            {
                ("m", _) => result with { Magnitude = number },
                ("n", true) => result with { Operations = (int)number },
                ("mstd", _) => result with { MagnitudeStd = Math.Min(number, 1e9) },
                ("mmax", _) => result with { MagnitudeMax = number },
                ("inc", true) => result with { Increasing = number != 0 },
                ("w", true) when number == 0 => result with { Weighted = true },
                ("p", _) => result with { Each = number },
                _ => throw Unknown(section),
            };
        }

        result.Check();
        return result;

        RefusalException Unknown(string section) =>
            new($"Unknown section \"{section}\" in {notation}{Spelling.DidYouMean(section.TrimEnd([.. ".0123456789"]), ["mstd", "mmax", "inc"])}; "
                + "expected sections m, n, mstd, mmax, inc, w0 or p with a number each, such as rand-m9-mstd0.5-inc1.");
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        foreach (var op in ChooseOperations(ref random))
        {
            // Each operation draws the same count of random numbers, whether it is applied or not.
            var (happens, normal, share, sign) = (random.Happens(Each), random.NextNormal(), random.NextUnit(), random.Happens(0.5) ? -1 : 1);
            if (!happens)
            {
                continue;
            }

            var level = MagnitudeStd > 100 ? Magnitude * share : Magnitude + (normal * MagnitudeStd);
            Add(op, Math.Clamp(level, 0, MagnitudeMax) / 10, sign, size, ops);
        }
    }

    private ImmutableArray<string> ChooseOperations(ref KeyedRandom random)
    {
        var chosen = ImmutableArray.CreateBuilder<string>(Operations);
        var left = Weights.ToArray();
        while (chosen.Count < Operations)
        {
            if (!Weighted)
            {
                chosen.Add(OperationNames[random.NextInteger(0, OperationNames.Length)]);
                continue;
            }

            var at = random.NextUniform(0, left.Sum());
            var i = 0;
            while (i < left.Length - 1 && (left[i] == 0 || (at -= left[i]) >= 0))
            {
                i++;
            }

            chosen.Add(OperationNames[i]);
            left[i] = 0;
        }

        return chosen.DrainToImmutable();
    }

    private void Add(string op, double level, int sign, ImageSize size, List<PixelOp> ops)
    {
        switch (op)
        {
            case "Rotate":
                PolicyOperations.Add(op, sign * level * 30, size, ops);
                break;
            case "ShearX" or "ShearY":
                PolicyOperations.Add(op, sign * level * 0.3, size, ops);
                break;
            case "TranslateX":
                PolicyOperations.Add(op, sign * level * 0.45 * size.Width, size, ops);
                break;
            case "TranslateY":
                PolicyOperations.Add(op, sign * level * 0.45 * size.Height, size, ops);
                break;
            case "Color" or "Contrast" or "Brightness" or "Sharpness":
                // The factor 1 changes nothing; PolicyOperations expects the difference from 1.
                PolicyOperations.Add(op, (Increasing ? Math.Max(0.1, 1 + (sign * level * 0.9)) : (level * 1.8) + 0.1) - 1, size, ops);
                break;
            case "Posterize":
                var bits = (int)(level * 4);
                PolicyOperations.Add(op, Math.Clamp(Increasing ? 4 - bits : bits, 0, 8), size, ops);
                break;
            case "Solarize":
                var threshold = (int)(level * 256);
                PolicyOperations.Add(op, Increasing ? 256 - threshold : threshold, size, ops);
                break;
            case "SolarizeAdd":
                var add = (int)(level * 110);
                ops.Add(new PixelOp.LevelMap(LookupTables.FromFormula(v => v < 128 ? v + add : v)));
                break;
            default:
                PolicyOperations.Add(op, 0, size, ops);
                break;
        }
    }

    [GeneratedRegex(@"^(?<key>[a-z]+)(?<value>\d.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Section();
}
