using System.CommandLine;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Experiments.Studies;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verb <c>study losses</c>: trains a model with each loss.</summary>
[Verb(
    "study losses",
    "Train a model with each loss of the report's table 4.2: cross entropy, label smoothing, focal, both.",
    Order = 30,
    Examples = ["sketchflow study losses --data my-data --model resnet18", "sketchflow study losses --epochs 5 --seeds 1 2"])]
public sealed class StudyLossesVerb : StudyVerb
{
    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [Model, CommonOptions.Data, .. StudyParameters];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var model = ModelOf(parsed);
        var name = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(RecipeOptions.Epochs), Log).Name;
        return RunStudy(
            parsed, $"losses-{name}", new StudyTable(), s => $"{name}-{s.RunPart}",
            _ => [.. StudyChanges.Read("losses").Changes.Select(c => new StudySetting(c.Name, RecipeFor(parsed, model, [.. c.Set]).Recipe))]);
    }
}
