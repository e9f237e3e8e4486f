namespace SketchFlow.Pipeline.Cli.Verbs.Data;

/// <summary>The verbs <c>data …</c>: data sets.</summary>
[Verb(
    "data",
    "Data sets: draw the built-in one, measure mean and standard deviation, prepare ImageNet-Sketch.",
    Order = 70,
    Examples = ["sketchflow data stats --data my-data"])]
public sealed class DataGroup : VerbGroup;
