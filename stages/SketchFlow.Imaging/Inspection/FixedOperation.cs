using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Imaging.Inspection;

/// <summary>
/// Single operations with fixed parameters, by name, for <c>sketchflow transforms apply</c>. Nothing is random, unless the name is a transform's:
/// then that transform is applied with probability 1.
/// </summary>
/// <remarks>
/// Names and parameters are those of the reference cases: albumentations' in snake_case (<c>clahe</c>, <c>erosion</c>, …), torchvision's AutoAugment
/// operations in PascalCase with one <c>magnitude</c> (<c>ShearX</c>, …). Kernels are elliptic by default, like those of albumentations' Morphological.
/// </remarks>
public static class FixedOperation
{
    private delegate Pixels Implementation(Pixels input, OperationParameters given);

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private static readonly ImmutableSortedDictionary<string, (string[] Parameters, Implementation Run)> Operations = new[]
    {
        Albumentations(),
        Resizing(),
        TorchvisionGeometry(),
        TorchvisionTone(),
    }.SelectMany(d => d).ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Names of all operations, fixed operations first, then the transforms.</summary>
    public static IEnumerable<string> Known => Operations.Keys.Concat(Transform.Known.Keys);

    /// <summary>Reads parameters that were typed as JSON; the caller disposes them.</summary>
    /// <exception cref="UsageException">The text is not JSON, or has a key twice.</exception>
    public static JsonDocument ReadParameters(string json)
    {
        try
        {
            return JsonDocument.Parse(json, _strict);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The search for repeated keys decodes them.
            throw new UsageException(
                $"--params is {PrintableText.Line(json)}, which is not JSON ({PrintableText.Reason(e)}); expected an object such as '{{\"limit\": 15}}'.", e);
        }
    }

    /// <summary>Runs one operation.</summary>
    /// <param name="name">One of <see cref="Known"/>; a fixed operation takes precedence over a transform with that name.</param>
    /// <param name="parameters">An object of parameters; undefined or null for the defaults.</param>
    /// <param name="input">Not changed.</param>
    /// <param name="seed">Seed of the random draws, for transforms only.</param>
    /// <returns>New pixels, which the caller owns.</returns>
    /// <exception cref="RefusalException">The name or a parameter is unknown, or a value is invalid.</exception>
    public static Pixels Apply(string name, JsonElement parameters, Pixels input, long seed = 0)
    {
        var given = new OperationParameters(name, parameters);
        if (Operations.TryGetValue(name, out var found) && given.AreKnown(found.Parameters, Transform.Known.ContainsKey(name)))
        {
            return found.Run(input, given);
        }

        if (!Operations.ContainsKey(name) && !Transform.Known.ContainsKey(name.Replace('_', '-')) && !TimmRandAugment.IsNotation(name))
        {
            throw new RefusalException($"Unknown operation \"{name}\"{Spelling.DidYouMean(name, Known)}; known operations: {string.Join(", ", Known)}.");
        }

        return AugmentPlan.Compile([TransformJson.From(name, parameters) with { P = 1 }]).Apply(input, seed, 0);
    }

    private static Dictionary<string, (string[], Implementation)> Albumentations() => new(StringComparer.Ordinal)
    {
        ["clahe"] = (["clip_limit", "tile_grid"], (x, g) =>
        {
            var (columns, rows) = g.Pair("tile_grid", 8);
            return HistogramEqualization.Clahe(x, g.Number("clip_limit", 4), columns, rows);
        }
        ),
        ["erosion"] = (["kernel", "shape"], (x, g) =>
        {
            var (width, height) = g.Pair("kernel", 3);
            return MorphologicalFilters.Erode(x, width, height, g.Choice("shape", KernelShape.Ellipse));
        }
        ),
        ["dilation"] = (["kernel", "shape"], (x, g) =>
        {
            var (width, height) = g.Pair("kernel", 3);
            return MorphologicalFilters.Dilate(x, width, height, g.Choice("shape", KernelShape.Ellipse));
        }
        ),
        ["hflip"] = ([], (x, _) => AffineWarp.Run(x, AffineMap.FlipX(x.Width), new(x.Width, x.Height))),
        ["vflip"] = ([], (x, _) => AffineWarp.Run(x, AffineMap.FlipY(x.Height), new(x.Width, x.Height))),
        ["affine_rotate"] = (["degrees", "fill"], (x, g) =>
        {
            var size = new ImageSize(x.Width, x.Height);
            return AffineWarp.Run(x, AffineMap.Rotation(size, g.Number("degrees", 0)), size, g.Level("fill", 255));
        }
        ),
        ["brightness_contrast"] = (["brightness", "contrast"], (x, g) =>
            LookupTables.Apply(x, LookupTables.BrightnessContrast(g.Number("brightness", 0), g.Number("contrast", 0)))),
        ["equalize"] = ([], (x, _) => HistogramEqualization.Equalize(x)),
    };

    private static Dictionary<string, (string[], Implementation)> Resizing() => new(StringComparer.Ordinal)
    {
        ["letterbox"] = (["size", "interpolation", "growth", "fill", "position"], (x, g) => Resize(x, g, new()
        {
            Fit = ResizeMode.Letterbox,
            Fill = g.Level("fill", 255),
            Interpolation = g.Choice("interpolation", Interpolation.Area),
            Upsampling = g.Choice("growth", Upsampling.Linear),
        })),
        ["stretch"] = (["size", "interpolation", "growth"], (x, g) => Resize(x, g, new()
        {
            Fit = ResizeMode.Stretch,
            Interpolation = g.Choice("interpolation", Interpolation.Area),
            Upsampling = g.Choice("growth", Upsampling.Linear),
        })),
        ["centre_crop"] = (["size", "crop_pct", "interpolation", "crop_mode"], (x, g) => Resize(x, g, new()
        {
            Fit = ResizeMode.CentreCrop,
            CropPercent = g.Number("crop_pct", 0.875),
            Interpolation = g.Choice("interpolation", Interpolation.Bicubic),
            CropMode = g.Choice("crop_mode", CropMode.Center),
        })),
    };

    private static Dictionary<string, (string[], Implementation)> TorchvisionGeometry() => new(StringComparer.Ordinal)
    {
        ["ShearX"] = (["magnitude"], (x, g) => PillowOps.ShearX(x, g.Number("magnitude", 0))),
        ["ShearY"] = (["magnitude"], (x, g) => PillowOps.ShearY(x, g.Number("magnitude", 0))),
        ["TranslateX"] = (["magnitude"], (x, g) => PillowOps.TranslateX(x, g.Number("magnitude", 0))),
        ["TranslateY"] = (["magnitude"], (x, g) => PillowOps.TranslateY(x, g.Number("magnitude", 0))),
        ["Rotate"] = (["magnitude"], (x, g) => PillowOps.Rotate(x, g.Number("magnitude", 0))),
    };

    private static Dictionary<string, (string[], Implementation)> TorchvisionTone() => new(StringComparer.Ordinal)
    {
        ["Brightness"] = (["magnitude"], (x, g) => PillowOps.Brightness(x, g.Number("magnitude", 0))),
        ["Color"] = (["magnitude"], (x, g) => PillowOps.Color(x, g.Number("magnitude", 0))),
        ["Contrast"] = (["magnitude"], (x, g) => PillowOps.Contrast(x, g.Number("magnitude", 0))),
        ["Sharpness"] = (["magnitude"], (x, g) => PillowOps.Sharpness(x, g.Number("magnitude", 0))),
        ["Posterize"] = (["magnitude"], (x, g) => LookupTables.Apply(x, LookupTables.Posterize(Math.Clamp(g.Integer("magnitude", 8), 0, 8)))),
        ["Solarize"] = (["magnitude"], (x, g) => LookupTables.Apply(x, LookupTables.Solarize(g.Number("magnitude", 256)))),
        ["AutoContrast"] = (["magnitude"], (x, _) => PillowOps.AutoContrast(x)),
        ["Equalize"] = (["magnitude"], (x, _) => PillowOps.Equalize(x)),
        ["Invert"] = (["magnitude"], (x, _) => LookupTables.Apply(x, LookupTables.Invert())),
    };

    private static Pixels Resize(Pixels input, OperationParameters given, PadResizeOptions options)
    {
        if (given.Text("position", "center") is not "center" and var other)
        {
            throw new RefusalException($"letterbox: position is \"{other}\", expected \"center\".");
        }

        options = options with { Side = given.Integer("size", 224) };
        options.Check();
        return PadResize.Run(options, input);
    }
}
