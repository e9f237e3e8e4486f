using System.CommandLine;
using SketchFlow.Pipeline.Experiments.Studies;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verb <c>study losses</c>: trains a model with each loss.</summary>
[Verb("study losses", "Train a model with each loss of the report's table 4.2: cross entropy, label smoothing, focal, both.", Order = 30)]
public sealed class StudyLossesVerb : StudyVerb
{
    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [Model, CommonOptions.Data, Epochs, .. StudyParameters];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var model = parsed.GetValue(Model) ?? DefaultModel;
        var name = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(Epochs), Log).Name;
        return RunStudy(
            parsed, $"losses-{name}", new StudyTable(), s => $"{name}-{s.RunPart}",
            _ => [.. StudyChanges.Read("losses").Changes.Select(c => new StudySetting(c.Name, RecipeFor(parsed, model, [.. c.Set]).Recipe))]);
    }
}
