namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verbs <c>study …</c>: comparisons of several trainings.</summary>
[Verb(
    "study",
    "Compare settings by training each: a table of loss, accuracy and time. Run the same command again to continue after an interruption.",
    Order = 120,
    Examples = ["sketchflow study augmentations --data my-data --model resnet18"])]
public sealed class StudyGroup : VerbGroup;
