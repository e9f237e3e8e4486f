using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Imaging.Inspection;

/// <summary>
/// Single operations with fixed parameters, by name: what <c>sketchflow transforms apply</c> runs. Nothing is drawn at random, unless the name is a
/// transform's: then that transform is applied with certainty.
/// </summary>
/// <remarks>
/// Names and parameters are those of the reference cases: albumentations' in snake_case (<c>clahe</c>, <c>erosion</c>, …), torchvision's AutoAugment
/// operations in capitals with one <c>magnitude</c> (<c>ShearX</c>, …). Kernels are elliptic unless told, as albumentations' Morphological has them.
/// </remarks>
public static class FixedOperation
{
    private delegate Pixels Implementation(Pixels input, OperationParameters given);

    private static readonly ImmutableSortedDictionary<string, (string[] Parameters, Implementation Run)> Operations = new Dictionary<string, (string[], Implementation)>(StringComparer.Ordinal)
    {
        ["clahe"] = (["clip_limit", "tile_grid"], (x, g) =>
        {
            var (columns, rows) = g.Pair("tile_grid", 8);
            return Augment.Clahe(x, g.Number("clip_limit", 4), columns, rows);
        }
        ),
        ["erosion"] = (["kernel", "shape"], (x, g) =>
        {
            var (width, height) = g.Pair("kernel", 3);
            return Augment.Erode(x, width, height, g.Choice("shape", KernelShape.Ellipse));
        }
        ),
        ["dilation"] = (["kernel", "shape"], (x, g) =>
        {
            var (width, height) = g.Pair("kernel", 3);
            return Augment.Dilate(x, width, height, g.Choice("shape", KernelShape.Ellipse));
        }
        ),
        ["hflip"] = ([], (x, _) => Augment.Warp(x, new PixelOp.Affine(AffineMap.FlipX(x.Width), new(x.Width, x.Height)))),
        ["vflip"] = ([], (x, _) => Augment.Warp(x, new PixelOp.Affine(AffineMap.FlipY(x.Height), new(x.Width, x.Height)))),
        ["affine_rotate"] = (["degrees", "fill"], (x, g) =>
            Augment.Warp(x, new PixelOp.Affine(AffineMap.Rotation(new(x.Width, x.Height), g.Number("degrees", 0)), new(x.Width, x.Height), g.Level("fill", 255)))),
        ["letterbox"] = (["size", "interpolation", "growth", "fill", "position"], (x, g) =>
            Prepared(x, g, new() { Fit = ResizeMode.Letterbox, Fill = g.Level("fill", 255), Interpolation = g.Choice("interpolation", Interpolation.Area), Upsampling = g.Choice("growth", Upsampling.Linear) })),
        ["stretch"] = (["size", "interpolation", "growth"], (x, g) =>
            Prepared(x, g, new() { Fit = ResizeMode.Stretch, Interpolation = g.Choice("interpolation", Interpolation.Area), Upsampling = g.Choice("growth", Upsampling.Linear) })),
        ["centre_crop"] = (["size", "crop_pct", "interpolation", "crop_mode"], (x, g) => Prepared(x, g, new()
        {
            Fit = ResizeMode.CentreCrop,
            CropPercent = g.Number("crop_pct", 0.875),
            Interpolation = g.Choice("interpolation", Interpolation.Bicubic),
            CropMode = g.Choice("crop_mode", CropMode.Center),
        })),
        ["brightness_contrast"] = (["brightness", "contrast"], (x, g) =>
            Augment.Map(x, Augment.BrightnessContrastTable(g.Number("brightness", 0), g.Number("contrast", 0)))),
        ["equalize"] = ([], (x, _) => Augment.Equalize(x)),
        ["ShearX"] = (["magnitude"], (x, g) => PillowOps.ShearX(x, g.Number("magnitude", 0))),
        ["ShearY"] = (["magnitude"], (x, g) => PillowOps.ShearY(x, g.Number("magnitude", 0))),
        ["TranslateX"] = (["magnitude"], (x, g) => PillowOps.TranslateX(x, g.Number("magnitude", 0))),
        ["TranslateY"] = (["magnitude"], (x, g) => PillowOps.TranslateY(x, g.Number("magnitude", 0))),
        ["Rotate"] = (["magnitude"], (x, g) => PillowOps.Rotate(x, g.Number("magnitude", 0))),
        ["Brightness"] = (["magnitude"], (x, g) => PillowOps.Brightness(x, g.Number("magnitude", 0))),
        ["Color"] = (["magnitude"], (x, g) => PillowOps.Colour(x, g.Number("magnitude", 0))),
        ["Contrast"] = (["magnitude"], (x, g) => PillowOps.Contrast(x, g.Number("magnitude", 0))),
        ["Sharpness"] = (["magnitude"], (x, g) => PillowOps.Sharpness(x, g.Number("magnitude", 0))),
        ["Posterize"] = (["magnitude"], (x, g) => Augment.Map(x, Augment.PosterizeTable(Math.Clamp(g.Whole("magnitude", 8), 0, 8)))),
        ["Solarize"] = (["magnitude"], (x, g) => Augment.Map(x, Augment.SolarizeTable(g.Number("magnitude", 256)))),
        ["AutoContrast"] = (["magnitude"], (x, _) => PillowOps.AutoContrast(x)),
        ["Equalize"] = (["magnitude"], (x, _) => PillowOps.Equalize(x)),
        ["Invert"] = (["magnitude"], (x, _) => Augment.Map(x, Augment.Table(v => 255 - v))),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static Pixels Prepared(Pixels input, OperationParameters given, PadResizeOptions options)
    {
        if (given.Word("position", "center") is not "center" and var other)
        {
            throw new RefusalException($"letterbox: position is \"{other}\", and the image always lies in the center.");
        }

        options = options with { Side = given.Whole("size", 224) };
        options.Check();
        return PadResize.Run(options, input);
    }

    /// <summary>The names, fixed operations first, then the transforms.</summary>
    public static IEnumerable<string> Known => Operations.Keys.Concat(Transform.Known.Keys);

    /// <summary>Runs one operation.</summary>
    /// <param name="name">One of <see cref="Known"/>; a fixed operation wins over a transform of the same name.</param>
    /// <param name="parameters">An object of parameters; undefined or null for the defaults.</param>
    /// <param name="input">Not changed.</param>
    /// <param name="seed">For transforms only: seed of what they draw.</param>
    /// <returns>New pixels, which the caller owns.</returns>
    /// <exception cref="RefusalException">The name or a parameter is not known, or a value does not fit.</exception>
    public static Pixels Apply(string name, JsonElement parameters, Pixels input, long seed = 0)
    {
        if (Operations.TryGetValue(name, out var found) && OperationParameters.Covers(parameters, found.Parameters, Transform.Known.ContainsKey(name), name))
        {
            return found.Run(input, new OperationParameters(name, parameters));
        }

        if (!Operations.ContainsKey(name) && !Transform.Known.ContainsKey(name.Replace('_', '-')) && !TimmRandAugment.IsNotation(name))
        {
            throw new RefusalException($"There is no operation \"{name}\"{Spelling.DidYouMean(name, Known)}; known are {string.Join(", ", Known)}.");
        }

        return AugmentPlan.Compile([TransformJson.From(name, parameters) with { P = 1 }]).Apply(input, seed, 0);
    }

    /// <summary>Named parameters of one operation, read with their defaults.</summary>
    private readonly record struct OperationParameters(string Operation, JsonElement Values)
    {
        /// <summary>True when every parameter is known; false when a transform of the same name may know better.</summary>
        public static bool Covers(JsonElement values, string[] known, bool otherwise, string operation)
        {
            if (values.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                return true;
            }

            if (values.ValueKind != JsonValueKind.Object)
            {
                throw new RefusalException($"{operation}: parameters are an object such as {{\"size\": 224}}, but here stands {values.GetRawText()}.");
            }

            foreach (var value in values.EnumerateObject())
            {
                if (!known.Contains(value.Name, StringComparer.Ordinal))
                {
                    return otherwise ? false : throw new RefusalException($"{operation} has no parameter \"{value.Name}\"{Spelling.DidYouMean(value.Name, known)}; known are {string.Join(", ", known)}.");
                }
            }

            return true;
        }

        public double Number(string name, double otherwise) => Find(name) is not { } value
            ? otherwise
            : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Wrong(name, value, "a number");

        public int Whole(string name, int otherwise)
        {
            var number = Number(name, otherwise);
            return number is >= 0 and <= 65536 && Math.Floor(number).Equals(number) ? (int)number : throw new RefusalException($"{Operation}: {name} is {number}, not a whole number of 0 to 65536.");
        }

        public byte Level(string name, byte otherwise) => (byte)Math.Clamp(Whole(name, otherwise), 0, 255);

        public string Word(string name, string otherwise) => Find(name) is not { } value
            ? otherwise
            : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, value, "a word");

        public T Choice<T>(string name, T otherwise)
            where T : struct, Enum => Enum.TryParse<T>(Word(name, Enum.GetName(otherwise)!), ignoreCase: true, out var choice)
            ? choice
            : throw new RefusalException($"{Operation}: {name} is one of {string.Join(", ", Enum.GetNames<T>())}.");

        public (int First, int Second) Pair(string name, int otherwise)
        {
            if (Find(name) is not { } value)
            {
                return (otherwise, otherwise);
            }

            var (first, second) = value.ValueKind switch
            {
                JsonValueKind.Number => (value.GetDouble(), value.GetDouble()),
                JsonValueKind.Array when value.GetArrayLength() == 2 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number) => (value[0].GetDouble(), value[1].GetDouble()),
                _ => throw Wrong(name, value, "one number or two"),
            };
            return first is >= 1 and <= 1024 && second is >= 1 and <= 1024 ? ((int)first, (int)second) : throw Wrong(name, value, "of 1 to 1024");
        }

        private JsonElement? Find(string name) => Values.ValueKind == JsonValueKind.Object && Values.TryGetProperty(name, out var value) ? value : null;

        private RefusalException Wrong(string name, JsonElement value, string expected) => new($"{Operation}: {name} is {value.GetRawText()}, not {expected}.");
    }
}
