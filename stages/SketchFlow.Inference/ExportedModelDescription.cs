using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Inference;

/// <summary>The facts that an exported model carries in its metadata: everything that is needed to prepare images and to name classes.</summary>
public sealed record ExportedModelDescription
{
    /// <summary>Name of the first input of every exported model.</summary>
    public const string Images = "images";

    /// <summary>Name of the output with the logits.</summary>
    public const string Logits = "logits";

    /// <summary>Name of the output with the calibrated probabilities.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>Name of the output with the pooled features, which a model may have.</summary>
    public const string Embedding = "embedding";

    private const string ArchitectureKey = "architecture";
    private const string ClassesKey = "classes";
    private const string SynsetsKey = "synsets";
    private const string PreparationKey = "preparation";
    private const string TemperatureKey = "temperature";
    private const string WeightsKey = "weights_sha256";
    private const string MaxPixelsKey = "max_pixels";
    private const long DefaultMaxPixels = 64_000_000;

    private static readonly JsonSerializerOptions _format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>timm's name of the architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>The classes in the order of the logits.</summary>
    public required ImmutableArray<ClassName> Classes { get; init; }

    /// <summary>Sizes of the images and treatments of their aspect ratio, one for each input: the members of an ensemble may differ.</summary>
    public required ImmutableArray<PadResizeOptions> Preparations { get; init; }

    /// <summary>Whether the model resizes images itself: it then has one input, of decoded images of any size.</summary>
    public bool Resizes { get; init; }

    /// <summary>Temperature by which <c>probabilities</c> are calibrated; null if the weights are not calibrated.</summary>
    public double? Temperature { get; init; }

    /// <summary>SHA-256 of the file of weights that was exported.</summary>
    public string WeightsSha256 { get; init; } = "";

    /// <summary>Largest number of pixels of an image; larger ones are rejected.</summary>
    public long MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>Returns the name of an input: <c>images</c>, <c>images_2</c> and so on.</summary>
    /// <param name="index">Number of the input, from 0.</param>
    public static string InputName(int index) => index == 0 ? Images : string.Create(CultureInfo.InvariantCulture, $"{Images}_{index + 1}");

    /// <summary>Reads the metadata of a model.</summary>
    /// <param name="metadata">Names and values.</param>
    /// <param name="title">Name of the model in messages, such as its path.</param>
    /// <exception cref="RefusalException">The model was not exported by SketchFlow, or its metadata is damaged.</exception>
    public static ExportedModelDescription Read(IReadOnlyDictionary<string, string> metadata, string title)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(ClassesKey, out var classes) || !metadata.ContainsKey(PreparationKey))
        {
            throw new RefusalException(
                $"{title} does not say which classes it has and how its images are prepared, as a model of SketchFlow does; "
                + "export one with sketchflow export --run NAME --output model.onnx.");
        }

        try
        {
            StoredPreparation[] preparations = [.. StoredPreparations(metadata).Select(ReadPreparation)];
            var description = new ExportedModelDescription
            {
                Architecture = metadata.GetValueOrDefault(ArchitectureKey, ""),
                Classes = ReadClasses(classes, metadata.GetValueOrDefault(SynsetsKey)),
                Preparations = [.. preparations.Select(p => p.ToOptions())],
                Resizes = preparations.All(p => p.Inside),
                Temperature = metadata.GetValueOrDefault(TemperatureKey) is { Length: > 0 } temperature ? Number(temperature) : null,
                WeightsSha256 = metadata.GetValueOrDefault(WeightsKey, ""),
                MaxPixels = metadata.GetValueOrDefault(MaxPixelsKey) is { } pixels
                    ? long.Parse(pixels, NumberStyles.None, CultureInfo.InvariantCulture)
                    : DefaultMaxPixels,
            };
            Array.ForEach([.. description.Preparations], preparation => preparation.Check());
            return description;
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or RefusalException)
        {
            throw new RefusalException($"The metadata of {title} is damaged; export the model again with sketchflow export.", e);
        }
    }

    /// <summary>Returns the metadata of the model: names and values.</summary>
    public ImmutableSortedDictionary<string, string> ToMetadata()
    {
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        metadata[ArchitectureKey] = Architecture;
        metadata[ClassesKey] = JsonSerializer.Serialize(Classes.Select(c => c.Name));
        if (Classes.Any(c => c.Synset is not null))
        {
            metadata[SynsetsKey] = JsonSerializer.Serialize(Classes.Select(c => c.Synset));
        }

        for (var i = 0; i < Preparations.Length; i++)
        {
            metadata[KeyOf(i)] = JsonSerializer.Serialize(StoredPreparation.From(Preparations[i]) with { Inside = Resizes }, _format);
        }

        metadata[TemperatureKey] = Temperature is { } t ? t.ToString("R", CultureInfo.InvariantCulture) : "";
        metadata[WeightsKey] = WeightsSha256;
        metadata[MaxPixelsKey] = MaxPixels.ToString(CultureInfo.InvariantCulture);
        return metadata.ToImmutable();
    }

    private static string KeyOf(int input) => input == 0 ? PreparationKey : $"{PreparationKey}.{InputName(input)}";

    private static IEnumerable<string> StoredPreparations(IReadOnlyDictionary<string, string> metadata)
    {
        for (var i = 0; metadata.TryGetValue(KeyOf(i), out var text); i++)
        {
            yield return text;
        }
    }

    private static StoredPreparation ReadPreparation(string text) =>
        JsonSerializer.Deserialize<StoredPreparation>(text, _format) ?? throw new JsonException("null");

    private static ImmutableArray<ClassName> ReadClasses(string names, string? synsets)
    {
        var found = JsonSerializer.Deserialize<string[]>(names);
        var ids = synsets is null ? null : JsonSerializer.Deserialize<string?[]>(synsets);
        return found is not { Length: > 0 } || found.Contains(null) || ids is not null && ids.Length != found.Length
            ? throw new JsonException("Expected a list of names.")
            : [.. found.Select((name, i) => new ClassName(name, ids?[i]))];
    }

    private static double Number(string text) =>
        double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is > 0 and < double.PositiveInfinity and var value
            ? value
            : throw new FormatException("Expected a positive number.");

    private sealed record StoredPreparation
    {
        public required int Side { get; init; }

        public required ResizeMode Fit { get; init; }

        public Interpolation Interpolation { get; init; }

        public Upsampling Upsampling { get; init; }

        public double CropPercent { get; init; } = 1;

        public byte Fill { get; init; } = 255;

        public CropMode CropMode { get; init; }

        public string Channels { get; init; } = "";

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Inside { get; init; }

        public static StoredPreparation From(PadResizeOptions options) => new()
        {
            Side = options.Side,
            Fit = options.Fit,
            Interpolation = options.Interpolation,
            Upsampling = options.Upsampling,
            CropPercent = options.CropPercent,
            Fill = options.Fill,
            CropMode = options.CropMode,
            Channels = "red, green, blue",
        };

        public PadResizeOptions ToOptions() => new()
        {
            Side = Side,
            Fit = Fit,
            Interpolation = Interpolation,
            Upsampling = Upsampling,
            CropPercent = CropPercent,
            Fill = Fill,
            CropMode = CropMode,
        };
    }
}
