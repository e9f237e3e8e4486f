namespace SketchFlow.Learning.Models.Catalog;

/// <summary>One of timm's pretrained configurations: the architecture, the location of the weights, and the preprocessing of images.</summary>
/// <param name="Model">timm's architecture name, such as <c>convnext_xxlarge</c>.</param>
/// <param name="Tag">Name of the training data and method, such as <c>clip_laion2b_soup_ft_in1k</c>; empty if timm has no tag.</param>
public sealed record PretrainedTag(string Model, string Tag)
{
    /// <summary>Hub repository, such as <c>timm/convnext_xxlarge.clip_laion2b_soup_ft_in1k</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>Name of the weights' file if it is neither <c>model.safetensors</c> nor <c>pytorch_model.bin</c>; otherwise null.</summary>
    public string? File { get; init; }

    /// <summary>Number of classes of the file's classifier; 0 if there is no classifier.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the training images in pixels.</summary>
    public int InputSize { get; init; } = 224;

    /// <summary>Side in pixels at which timm reports its higher accuracy; null if it is <see cref="InputSize"/>.</summary>
    public int? TestInputSize { get; init; }

    /// <summary>Crop at <see cref="TestInputSize"/>; null if it is that of <see cref="Preprocessing"/>.</summary>
    public double? TestCropPct { get; init; }

    /// <summary>Whether the weights are specific to <see cref="InputSize"/>; another size resamples position embeddings.</summary>
    public bool IsFixedInput { get; init; }

    /// <summary>Mean, standard deviation, interpolation and crop of the images.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;

    /// <summary>Model and tag in timm's notation, such as <c>resnet18.a1_in1k</c>.</summary>
    public string FullName => Tag.Length == 0 ? Model : $"{Model}.{Tag}";

    /// <inheritdoc/>
    public override string ToString() => $"{FullName} ({Classes} classes, {InputSize} px)";
}
