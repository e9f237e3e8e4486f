using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verb <c>study changes</c>: trains a recipe, and the recipe with one change at a time.</summary>
[Verb(
    "study changes",
    "Train a recipe, and the recipe with each change alone, to measure the gain of each choice.",
    Order = 40,
    Examples =
    [
        "sketchflow study changes --data my-data --change lr=1e-3 --change mixup=0.2",
        "sketchflow study changes pacs --data my-data --seeds 1 2 3",
    ])]
public sealed class StudyChangesVerb : StudyVerb
{
    private const string Base = "base";

    private readonly Argument<string?> _file = new("file")
    {
        Description = "YAML file with model, base and changes, or the name of a built-in study; default: pacs, unless --change is given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _changes = new("--change")
    {
        Description = "A change of the recipe: [NAME: ]path.to.key=value; separate settings that belong together by ';'. May be repeated.",
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_file, _changes, Model, CommonOptions.Data, .. StudyParameters];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        string[] given = parsed.GetValue(_changes)!;
        var file = parsed.GetValue(_file) ?? (given.Length == 0 ? "pacs" : null);
        var plan = file is null ? new StudyChanges() : StudyChanges.Read(file);
        plan = plan with { Changes = [.. plan.Changes, .. given.Select(StudyChange.Parse)] };
        var model = ModelOf(parsed, plan.Model);
        var shared = WithoutGiven(parsed, plan.Base);
        var (name, recipe, _) = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(RecipeOptions.Epochs), Log, shared);
        return RunStudy(
            parsed, $"changes-{(file is null ? "" : $"{Path.GetFileNameWithoutExtension(file)}-")}{name}",
            new StudyTable { DetailHeader = "what is set", BaseSetting = Base }, s => $"{name}-{s.RunPart}",
            _ => [new StudySetting(Base, recipe), .. plan.Changes.Select(Changed)]);

        StudySetting Changed(StudyChange change)
        {
            var changed = RecipeFor(parsed, model, [.. shared, .. change.Set]).Recipe;
            return RecipeFile.Write(changed) == RecipeFile.Write(recipe)
                ? throw new UsageException($"The change {change.Name} leaves the recipe {name} unchanged; change something else, or leave it out.")
                : new StudySetting(change.Name, changed, string.Join("; ", change.Set));
        }
    }
}
