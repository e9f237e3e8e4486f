using System.CommandLine;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Transforms;

/// <summary>The verb <c>transforms preview</c>: draws a contact sheet of augmented images.</summary>
[Verb(
    "transforms preview",
    "Write a contact sheet: an original image, and samples of each transform with its name.",
    Order = 30,
    Examples = ["sketchflow transforms preview --recipe sketch --data my-data", "sketchflow transforms preview --recipe resnet18 --all --out all.png"])]
public sealed class TransformsPreviewVerb : Verb
{
    private const string PresetRecipe = "resnet18";

    private readonly Option<string> _recipe = new("--recipe")
    {
        Description = "Recipe or augmentation preset to show.",
        DefaultValueFactory = _ => PresetRecipe,
    };

    private readonly Option<bool> _all = new("--all") { Description = "Show every transform with its defaults instead of the recipe's." };

    private readonly Option<int> _samples = new("--samples") { Description = "Number of samples per transform.", DefaultValueFactory = _ => 5 };

    private readonly Option<int> _side = new("--side") { Description = "Side of each picture in pixels.", DefaultValueFactory = _ => 128 };

    private readonly Option<string?> _output = new("--out") { Description = "PNG or JPEG file; default: artifacts/reports/transforms-<recipe>.png." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_recipe, CommonOptions.Data, CommonOptions.Set, _all, _samples, _side, _output, CommonOptions.Artifacts];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var name = parsed.GetValue(_recipe)!;
        string[] preset = AugmentationPreset.Names.Contains(name) ? [RecipeOverride.Create("augmentation", name)] : [];
        var (file, own, _, _) = ModelName.Resolve(preset.Length > 0 ? PresetRecipe : name, cuda: false);
        var recipe = RecipeFile.Load(file, [.. own, .. preset, .. parsed.GetValue(CommonOptions.Set)!]);
        var data = CommonOptions.OpenData(parsed.GetValue(CommonOptions.Data), artifacts);
        var preview = new TransformPreview
        {
            Augmentation = parsed.GetValue(_all) ? [.. Transform.Known.Keys.Select(Transform.Default)] : recipe.Augmentation,
            Whole = !parsed.GetValue(_all),
            Preparation = ImageFlow.Options(recipe, RecipeModel.Build(recipe, 10)).Preparation,
            Samples = parsed.GetValue(_samples),
            Side = parsed.GetValue(_side),
            Seed = recipe.Seed,
        };
        var subject = preview.Whole ? Path.GetFileNameWithoutExtension(name) : "all";
        var target = parsed.GetValue(_output) ?? Path.Combine(artifacts.Reports, $"transforms-{subject}.png");
        using var sheet = preview.Draw(data.Train);
        ImageEncoder.Write(sheet, target);
        Log($"{target}: {sheet.Width}x{sheet.Height}");
        return ExitCode.Done;
    }
}
