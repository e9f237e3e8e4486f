using System.CommandLine;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>The verb <c>study models</c>: trains several models.</summary>
[Verb(
    "study models",
    "Train each model (the report's tables 3.2 and 4.2).",
    Order = 20,
    Examples =
    [
        "sketchflow study models --data my-data --models resnet18 vit_tiny --epochs 5",
        "sketchflow study models --models resnet18,resnet34 --recipe scratch",
    ])]
public sealed class StudyModelsVerb : StudyVerb
{
    private readonly Option<string[]> _models = new("--models")
    {
        Description = "Several values of --model, separated by spaces or commas; default: the report's models on a GPU, small models of the same "
            + "families on a CPU.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_models, CommonOptions.Data, .. StudyParameters];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        string[] given =
        [
            .. parsed.GetValue(_models)!.SelectMany(m => m.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .Distinct(StringComparer.Ordinal),
        ];
        var models = given.Length > 0
            ? new StudyModels([.. given], [])
            : StudyModels.For(DeviceChoice.IsCuda(parsed.GetValue(CommonOptions.Device) ?? "auto"));
        return RunStudy(
            parsed, "models", new StudyTable { DetailHeader = "model" }, s => s.RunPart,
            classes => [.. models.Names.Select(m => Setting(m, classes))]);

        StudySetting Setting(string model, int classes)
        {
            var (name, recipe) = RecipeFor(parsed, model, WithoutGiven(parsed, models.Set));
            return StudyModels.Setting(SettingName(model, name), recipe, classes);
        }
    }

    // A tag stays in the name: resnetv2_50 and resnetv2_50.a1h_in1k are two settings.
    private static string SettingName(string model, string name) =>
        model.StartsWith($"{name}.", StringComparison.Ordinal) && !model.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) ? model : name;
}
