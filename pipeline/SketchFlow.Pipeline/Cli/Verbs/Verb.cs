using System.CommandLine;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verbs of the program, one file each.</summary>
public static partial class Verb
{
    /// <summary>All verbs, in the order in which help lists them.</summary>
    public static IReadOnlyList<Command> All() => [Train(), LearningRateFind(), BatchSizeFind(), Soup(), Predict(), Ensemble(), Evaluate(), Logits(), Study(), Sweep(), Runs(), Models(), Transforms(), Data(), Bench(), Doctor()];
}
