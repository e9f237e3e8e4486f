namespace SketchFlow.Pipeline.Cli.Verbs.Data;

/// <summary>The verbs <c>data …</c>: data sets.</summary>
[Verb("data", "Data sets: draw the built-in one, measure mean and standard deviation, prepare ImageNet-Sketch.", Order = 140)]
public sealed class DataGroup : VerbGroup;
