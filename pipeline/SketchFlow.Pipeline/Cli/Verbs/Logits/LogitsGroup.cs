namespace SketchFlow.Pipeline.Cli.Verbs.Logits;

/// <summary>The verbs <c>logits …</c>: cached logits tables.</summary>
[Verb(
    "logits",
    "List the cached logits, or import those of other tools.",
    Order = 150,
    Examples = ["sketchflow logits list"])]
public sealed class LogitsGroup : VerbGroup;
