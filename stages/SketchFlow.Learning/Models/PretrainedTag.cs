namespace SketchFlow.Learning.Models;

/// <summary>One of timm's pretrained configurations: whose weights they are, where they lie, and how they see images.</summary>
/// <param name="Model">timm's architecture name, such as <c>convnext_xxlarge</c>.</param>
/// <param name="Tag">What the weights were trained on, such as <c>clip_laion2b_soup_ft_in1k</c>; empty where timm has none.</param>
public sealed record PretrainedTag(string Model, string Tag)
{
    /// <summary>The hub repository, such as <c>timm/convnext_xxlarge.clip_laion2b_soup_ft_in1k</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>The weights' file where it is not <c>model.safetensors</c> or <c>pytorch_model.bin</c>; else null.</summary>
    public string? File { get; init; }

    /// <summary>Classes of the file's classifier; 0 where it has none.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side in pixels that the weights were trained at.</summary>
    public int InputSize { get; init; } = 224;

    /// <summary>Side in pixels at which timm reports the higher accuracy, where that differs.</summary>
    public int? TestInputSize { get; init; }

    /// <summary>Crop at <see cref="TestInputSize"/>, where that differs.</summary>
    public double? TestCropPct { get; init; }

    /// <summary>The weights belong to <see cref="InputSize"/>; another size resamples position embeddings.</summary>
    public bool IsFixedInput { get; init; }

    /// <summary>Mean, standard deviation, interpolation and crop.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet;

    /// <summary>Model and tag as timm writes them, such as <c>resnet18.a1_in1k</c>.</summary>
    public string FullName => Tag.Length == 0 ? Model : $"{Model}.{Tag}";

    /// <inheritdoc/>
    public override string ToString() => $"{FullName} ({Classes} classes, {InputSize} px)";
}
