using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Test-time augmentation: every image is looked at in several ways, and the logits are averaged. Off by default, as in the report.</summary>
public sealed partial record TestTimeAugmentation
{
    /// <summary>What can be combined; each multiplies the views.</summary>
    public static ImmutableArray<string> Names { get; } = ["hflip", "vflip", "multi-scale", "five-crop", "ten-crop"];

    /// <summary>The chosen names, in the order of <see cref="Names"/>.</summary>
    public ImmutableArray<string> Chosen { get; init; } = [];

    /// <summary>Sizes of multi-scale as shares of the model's own; each is rounded to what the architecture takes.</summary>
    public ImmutableArray<double> Scales { get; init; } = [0.875, 1, 1.125];

    /// <summary>Side of a crop over the side of the image that it is cut from (five-crop, ten-crop): 224 of 256.</summary>
    public double CropShare { get; init; } = 0.875;

    /// <summary>Keep the logits of every view in a table of its own, too.</summary>
    public bool KeepViews { get; init; }

    /// <summary>True where each image is looked at once, as it is.</summary>
    public bool IsOff => Chosen.IsEmpty;

    /// <summary>Understands the names of the command line.</summary>
    /// <param name="names">Of <see cref="Names"/>, or <c>none</c>; several may be joined by commas or pluses.</param>
    /// <exception cref="UsageException">A name is unknown, or five-crop and ten-crop are both given.</exception>
    public static TestTimeAugmentation Parse(IEnumerable<string> names)
    {
        string[] asked = [.. names.SelectMany(n => n.Split([',', '+'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Where(n => n != "none").Distinct(StringComparer.Ordinal)];
        if (asked.FirstOrDefault(n => !Names.Contains(n)) is { } unknown)
        {
            throw new UsageException($"--tta {unknown} is not known; known are none, {string.Join(", ", Names)}, joined by commas.");
        }

        return asked.Contains("five-crop") && asked.Contains("ten-crop")
            ? throw new UsageException("--tta five-crop and ten-crop are both given; ten-crop is five-crop and its mirror images, give one of them.")
            : new TestTimeAugmentation { Chosen = [.. Names.Where(asked.Contains)] };
    }

    /// <summary>The passes over the images.</summary>
    /// <param name="architecture">The model.</param>
    /// <exception cref="UsageException">A scale or the crops' share is out of range.</exception>
    public ImmutableArray<TtaPass> Passes(Architecture architecture)
    {
        var scaled = Chosen.Contains("multi-scale");
        if (scaled && (Scales.IsEmpty || Scales.Any(s => s is not (>= 0.25 and <= 4))))
        {
            throw new UsageException($"The scales {string.Join(", ", Scales)} are out of range; give --tta-scales from 0.25 to 4.");
        }

        if (CropShare is not (> 0 and < 1))
        {
            throw new UsageException($"The crops' share {CropShare} is out of range; give one above 0 and below 1.");
        }

        var ten = Chosen.Contains("ten-crop");
        ImmutableArray<CropPosition> places = ten || Chosen.Contains("five-crop")
            ? [CropPosition.Centre, CropPosition.TopLeft, CropPosition.TopRight, CropPosition.BottomLeft, CropPosition.BottomRight]
            : [CropPosition.Whole];
        bool[] horizontal = ten || Chosen.Contains("hflip") ? [false, true] : [false];
        bool[] vertical = Chosen.Contains("vflip") ? [false, true] : [false];
        ImmutableArray<TtaView> views = [.. from place in places from h in horizontal from v in vertical select new TtaView(place, h, v)];
        return
        [
            .. (scaled ? Scales.Distinct() : [1.0]).Select(scale => (Scale: scale, Side: Side(architecture, scale))).OrderBy(s => s.Scale != 1).DistinctBy(s => s.Side).Select(s => new TtaPass(
                s.Scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"x{s.Scale:0.###}"),
                s.Side,
                places[0] == CropPosition.Whole ? s.Side : (int)Math.Round(s.Side / CropShare),
                views)),
        ];
    }

    /// <summary>What the table's metadata says: <c>none</c>, or such as <c>hflip+multi-scale(0.875 1 1.125)</c>.</summary>
    public override string ToString() => IsOff
        ? "none"
        : string.Join('+', Chosen.Select(n => n == "multi-scale" ? string.Create(CultureInfo.InvariantCulture, $"{n}({string.Join(' ', Scales.Select(s => s.ToString(CultureInfo.InvariantCulture)))})") : n));

    // Networks halve their maps five times; transformers cut patches.
    private static int Side(Architecture architecture, double scale)
    {
        if (scale == 1)
        {
            return architecture.InputSize;
        }

        var step = Patch().Match(architecture.Name) is { Success: true } patch ? int.Parse(patch.Groups["side"].Value, CultureInfo.InvariantCulture) : 32;
        return Math.Max((31 / step * step) + step, (int)Math.Round(architecture.InputSize * scale / step) * step);
    }

    [GeneratedRegex("patch(?<side>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Patch();
}
