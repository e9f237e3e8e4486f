namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verbs <c>models …</c>: architectures and their pretrained weights.</summary>
[Verb(
    "models",
    "Architectures: list them, show one, download pretrained weights, check a weights file, verify against timm.",
    Order = 80,
    Examples = ["sketchflow models list resnet"])]
public sealed class ModelsGroup : VerbGroup;
