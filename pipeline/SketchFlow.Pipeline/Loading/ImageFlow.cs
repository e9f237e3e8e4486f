using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Description;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Describes the flow that training, prediction and measurements share: files ─> decode ─> pad-resize ─> augment ─> batch.</summary>
public static class ImageFlow
{
    /// <summary>Creates the options of a recipe for evaluation: exact decoding, no augmentation, incomplete last batch kept.</summary>
    public static ImageFlowOptions Options(Recipe recipe, Architecture architecture) => new()
    {
        Decode = DecodeFor(recipe, architecture, exact: true),
        Preparation = new PadResizeOptions
        {
            Side = architecture.InputSize,
            Fit = recipe.Preparation.Fit,
            Upsampling = recipe.Preparation.Growth,
            CropPercent = recipe.Preparation.CropPercent ?? architecture.Preprocessing.CropPct,
            CropMode = architecture.Preprocessing.CropMode == "squash" ? CropMode.Squash : CropMode.Center,
            Interpolation = recipe.Preparation.Interpolation
                ?? (recipe.Preparation.Fit == ResizeMode.CentreCrop
                    ? Enum.Parse<Interpolation>(architecture.Preprocessing.Interpolation, ignoreCase: true)
                    : Interpolation.Area),
        },
        Seed = recipe.Seed,
        BatchSize = recipe.BatchSize,
        Workers = recipe.Workers > 0 ? recipe.Workers : Environment.ProcessorCount,
        Background = true,
    };

    /// <summary>Describes the preparation of images for a model in one line, for metadata and comparisons.</summary>
    public static string DescribePreprocessing(Recipe recipe, Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        var preprocessing = architecture.Preprocessing;
        return $"{Options(recipe, architecture).Preparation}, mean {string.Join(' ', preprocessing.Mean)}, std {string.Join(' ', preprocessing.Std)}";
    }

    /// <summary>Creates the decoding options: exact, or at a fraction of the image size if that is still larger than the target.</summary>
    public static DecodeOptions DecodeFor(Recipe recipe, Architecture architecture, bool exact) => new()
    {
        MaxPixels = (long)(recipe.Data.MaxMegapixels * 1_000_000),
        ReducedDecoding = !exact && recipe.Data.ReducedDecoding,
        TargetSide = architecture.InputSize,
    };

    /// <summary>Describes the flow from samples to batches.</summary>
    public static Flow<PixelBatch> Batches(ImageFlowOptions options, IReadOnlyList<Sample> samples) =>
        Images(options, samples).Batch("batch", options.BatchSize, PixelBatch.Stack, options.LastBatch).With(o => o with { Background = options.Background });

    /// <summary>Describes the flow from samples to single images, ready for a batch.</summary>
    /// <param name="options">The options.</param>
    /// <param name="samples">The samples.</param>
    public static Flow<Pixels> Images(ImageFlowOptions options, IReadOnlyList<Sample> samples)
    {
        var sized = options.Cache is not null
            ? Cached(options, samples, _ => options.Decode)
            : Flow.From("files", samples).Map("decode", sample => ImageDecoder.Read(options.Decode, sample), options.Workers)
                .Map("pad-resize", pixels => PadResize.Run(options.Preparation, pixels), options.Workers);
        return !options.Augmentation.Transforms.Any()
            ? sized
            : sized.Map("augment", pixels => options.Augmentation.Apply(pixels, options.Seed, options.Epoch), options.Workers);
    }

    /// <summary>Describes the flow from samples to single images through a cache, each with its own options of decoding.</summary>
    /// <param name="options">The options, with a cache; their decoding options are not used.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="decode">Returns the decoding options of a sample.</param>
    public static Flow<Pixels> Cached(ImageFlowOptions options, IReadOnlyList<Sample> samples, Func<Sample, DecodeOptions> decode)
    {
        var cache = options.Cache ?? throw new ArgumentException("Expected a cache.", nameof(options));
        return Flow.From("files", samples)
            .Map("decode-pad-resize", sample => cache.Prepare(decode(sample), options.Preparation, sample), options.Workers);
    }
}
