using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Reads the preparation of images from the line that weights carry (<see cref="Loading.ImageFlow.DescribePreprocessing"/>).</summary>
public static partial class StoredPreparation
{
    /// <summary>Reads a line.</summary>
    /// <param name="text">The line, such as <c>letterbox(64, fill=255), mean 0.5 0.5 0.5, std 0.5 0.5 0.5</c>.</param>
    /// <param name="recipe">The recipe whose size and preparation are replaced.</param>
    /// <param name="own">The architecture's own preprocessing.</param>
    /// <returns>The recipe and the preprocessing; null where the line is of another form.</returns>
    public static (Recipe Recipe, Preprocessing Preprocessing)? Read(string text, Recipe recipe, Preprocessing own)
    {
        if (Line().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var crop = match.Groups["crop"] is { Success: true } share ? Number(share.Value) : default(double?);
        if (!int.TryParse(match.Groups["side"].ValueSpan, CultureInfo.InvariantCulture, out var side) || side is < 1 or > 8192
            || ReadChannels(match.Groups["mean"].Value) is not { } mean || ReadChannels(match.Groups["std"].Value) is not { } std
            || crop is { } cropped && cropped is not (>= 0.01 and <= 1))
        {
            return null;
        }

        return (
            recipe with
            {
                ImageSize = side,
                Preparation = new PreparationRecipe
                {
                    Fit = match.Groups["fit"].Value switch
                    {
                        "letterbox" => ResizeMode.Letterbox,
                        "stretch" => ResizeMode.Stretch,
                        _ => ResizeMode.CentreCrop,
                    },
                    Interpolation = match.Groups["filter"].Value switch
                    {
                        "bilinear" => Interpolation.Bilinear,
                        "bicubic" => Interpolation.Bicubic,
                        "lanczos" => Interpolation.Lanczos,
                        _ => Interpolation.Area,
                    },
                    CropPercent = crop,
                },
            },
            own with { Mean = mean, Std = std, CropMode = match.Groups["squash"].Success ? "squash" : "center" });
    }

    private static ImmutableArray<double>? ReadChannels(string text)
    {
        double[] values = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
        return values.Length == 3 && values.All(double.IsFinite) ? [.. values] : null;
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    [GeneratedRegex(
        @"^(?<fit>letterbox|stretch|centre-crop)\((?<side>[0-9]{1,5})(, fill=255)?(, crop_pct=(?<crop>[-+0-9.E]{1,30}))?(?<squash>, squash)?"
        + @"(, (?<filter>bilinear|bicubic|lanczos))?\), mean (?<mean>[-+0-9.E ]{5,100}), std (?<std>[-+0-9.E ]{5,100})$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Line();
}
