namespace SketchFlow.Pipeline.Cli.Verbs.Transforms;

/// <summary>The verbs <c>transforms …</c>: augmentations.</summary>
[Verb(
    "transforms",
    "Augmentations: list them, apply one, preview a recipe's, verify against other libraries.",
    Order = 160,
    Examples = ["sketchflow transforms list"])]
public sealed class TransformsGroup : VerbGroup;
