using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Test-time augmentation: the logits of an image are averaged over several views of it. Off by default, as in the report.</summary>
public sealed partial record TestTimeAugmentation
{
    /// <summary>The text in the metadata of a table that was predicted without augmentation.</summary>
    public const string Off = "none";

    private const StringSplitOptions NonEmpty = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>Supported names, which can be combined; each multiplies the number of views.</summary>
    public static ImmutableArray<string> Names { get; } = ["hflip", "vflip", "multi-scale", "five-crop", "ten-crop"];

    /// <summary>The selected names, in the order of <see cref="Names"/>.</summary>
    public ImmutableArray<string> Chosen { get; init; } = [];

    /// <summary>Sizes of multi-scale relative to the model's own; each is rounded to a size that the architecture accepts.</summary>
    public ImmutableArray<double> Scales { get; init; } = [0.875, 1, 1.125];

    /// <summary>Side of a crop relative to the side of the image that it is cut from (five-crop, ten-crop): 224 of 256.</summary>
    public double CropShare { get; init; } = 0.875;

    /// <summary>Whether to write the logits of every view to a separate table in addition.</summary>
    public bool KeepViews { get; init; }

    /// <summary>Whether each image has a single view, the unchanged image.</summary>
    public bool IsOff => Chosen.IsEmpty;

    /// <summary>Parses the names given on the command line.</summary>
    /// <param name="names">Some of <see cref="Names"/>, or <c>none</c>; several can be joined by commas or plus signs.</param>
    /// <exception cref="UsageException">A name is unknown, or both five-crop and ten-crop are given.</exception>
    public static TestTimeAugmentation Parse(IEnumerable<string> names)
    {
        string[] given = [.. names.SelectMany(n => n.Split([',', '+'], NonEmpty)).Where(n => n != "none").Distinct(StringComparer.Ordinal)];
        if (given.FirstOrDefault(n => !Names.Contains(n)) is { } unknown)
        {
            throw new UsageException(
                $"Unknown --tta '{unknown}'{Spelling.DidYouMean(unknown, [Off, .. Names])}; expected {Off} or {string.Join(", ", Names)}, joined by commas.");
        }

        return given.Contains("five-crop") && given.Contains("ten-crop")
            ? throw new UsageException("--tta five-crop and ten-crop exclude each other: ten-crop is five-crop and its mirror images; give one of them.")
            : new TestTimeAugmentation { Chosen = [.. Names.Where(given.Contains)] };
    }

    /// <summary>
    /// Reads the augmentation from the metadata of a table (<see cref="ToString"/>) or from the name of a member, such as <c>hflip+vflip</c>.
    /// </summary>
    /// <param name="text">The text; <c>none</c> or nothing is no augmentation.</param>
    /// <exception cref="UsageException">It names an unknown augmentation.</exception>
    public static TestTimeAugmentation FromText(string text)
    {
        const string sized = "multi-scale";
        string[] parts = [.. text.Split('+', StringSplitOptions.RemoveEmptyEntries)];
        var augmentation = Parse(parts.Select(p => p.StartsWith(sized, StringComparison.Ordinal) ? sized : p));
        double[] scales =
        [
            .. parts.Where(p => p.StartsWith(sized, StringComparison.Ordinal))
                .SelectMany(p => p[sized.Length..].Split([' ', '-', '(', ')'], NonEmpty))
                .Select(s => double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) ? scale : 0),
        ];
        return scales.Length == 0 ? augmentation : augmentation with { Scales = [.. scales] };
    }

    /// <summary>Computes one pass per size of the model's input.</summary>
    /// <param name="architecture">The model.</param>
    /// <exception cref="UsageException">A scale or the relative side of the crops is out of range.</exception>
    public ImmutableArray<TtaPass> Passes(Architecture architecture)
    {
        var scaled = Chosen.Contains("multi-scale");
        if (scaled && (Scales.IsEmpty || Scales.Any(s => s is not (>= 0.25 and <= 4))))
        {
            throw new UsageException($"Expected --tta-scales from 0.25 to 4, got {string.Join(", ", Scales)}.");
        }

        if (CropShare is not (> 0 and < 1))
        {
            throw new UsageException($"Expected a relative side of the crops above 0 and below 1, got {CropShare}.");
        }

        var ten = Chosen.Contains("ten-crop");
        ImmutableArray<CropPosition> positions = ten || Chosen.Contains("five-crop")
            ? [CropPosition.Centre, CropPosition.TopLeft, CropPosition.TopRight, CropPosition.BottomLeft, CropPosition.BottomRight]
            : [CropPosition.Whole];
        bool[] horizontal = ten || Chosen.Contains("hflip") ? [false, true] : [false];
        bool[] vertical = Chosen.Contains("vflip") ? [false, true] : [false];
        ImmutableArray<TtaView> views = [.. from position in positions from h in horizontal from v in vertical select new TtaView(position, h, v)];
        return
        [
            .. (scaled ? Scales.Distinct() : [1.0]).Select(scale => (Scale: scale, Side: Side(architecture, scale)))
                .OrderBy(s => s.Scale != 1).DistinctBy(s => s.Side).Select(s => new TtaPass(
                s.Scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"x{s.Scale:0.###}"),
                s.Side,
                positions[0] == CropPosition.Whole ? s.Side : (int)Math.Round(s.Side / CropShare),
                views)),
        ];
    }

    /// <summary>The text in the metadata of a table: <c>none</c>, or for example <c>hflip+multi-scale(0.875 1 1.125)</c>.</summary>
    public override string ToString() => IsOff
        ? Off
        : string.Join('+', Chosen.Select(n =>
            n == "multi-scale" ? $"{n}({string.Join(' ', Scales.Select(s => s.ToString(CultureInfo.InvariantCulture)))})" : n));

    // Convolutional networks halve their feature maps five times (32 px); transformers need multiples of the patch size.
    private static int Side(Architecture architecture, double scale)
    {
        if (scale == 1)
        {
            return architecture.InputSize;
        }

        var step = Patch().Match(architecture.Name) is { Success: true } patch
            ? int.Parse(patch.Groups["side"].Value, CultureInfo.InvariantCulture)
            : 32;
        return Math.Max((31 / step * step) + step, (int)Math.Round(architecture.InputSize * scale / step) * step);
    }

    [GeneratedRegex("patch(?<side>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Patch();
}
