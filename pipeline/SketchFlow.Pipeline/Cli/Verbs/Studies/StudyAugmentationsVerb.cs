using System.Collections.Immutable;
using System.CommandLine;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verb <c>study augmentations</c>: trains a model with each augmentation preset.</summary>
[Verb(
    "study augmentations",
    "Train a model with each augmentation preset (the report's table 4.1).",
    Order = 10,
    Examples =
    [
        "sketchflow study augmentations --data my-data --model resnet18 --epochs 5",
        "sketchflow study augmentations --settings none sketch --seeds 1 2 3",
    ])]
public sealed class StudyAugmentationsVerb : StudyVerb
{
    private readonly Option<string[]> _settings = new("--settings")
    {
        Description = "Augmentation presets; default: those of the report's table, and ours.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. ReportPresets],
    };

    /// <summary>The report's augmentation settings in the order of its table, followed by ours.</summary>
    public static ImmutableArray<string> ReportPresets { get; } =
        ["none", "dataset-normalization", "keep-ratio", "autoaugment", "geo-noise-blur", "randaugment", "geo-morph-cdrop", "hflip-rotate-rbc", "sketch"];

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [Model, CommonOptions.Data, _settings, .. StudyParameters];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var model = ModelOf(parsed);
        var name = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(RecipeOptions.Epochs), Log).Name;
        return RunStudy(
            parsed, $"augmentations-{name}", new StudyTable(), s => $"{name}-{s.RunPart}",
            _ => [.. parsed.GetValue(_settings)!.Distinct(StringComparer.Ordinal)
                .Select(s => new StudySetting(s, RecipeFor(parsed, model, RecipeOverride.Create("augmentation", s)).Recipe))]);
    }
}
