using System.CommandLine;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Recipes;

/// <summary>The verb <c>recipes show</c>: a merged recipe with the source of each value.</summary>
[Verb(
    "recipes show",
    "Show a recipe with all that it extends: every value, and where it comes from.",
    Order = 20,
    Examples =
    [
        "sketchflow recipes show resnet18", "sketchflow recipes show convnext --lr 1e-4 --set ema.decay=0.999",
        "sketchflow recipes show resnet18 --yaml",
    ])]
public sealed class RecipesShowVerb : Verb
{
    private const int ValueWidth = 22;

    private readonly Argument<string> _name = new("name") { Description = "Recipe, recipe file, or any other value of --model." };

    private readonly Option<bool> _yaml = new("--yaml") { Description = "Print the recipe as YAML, which --recipe accepts." };

    private readonly Option<bool> _changed = new("--changed") { Description = "Print only the values that are not defaults." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _name, _yaml, _changed, RecipeOptions.Epochs, RecipeOptions.BatchSize, RecipeOptions.LearningRate, RecipeOptions.ImageSize,
        RecipeOptions.Augmentation, CommonOptions.Device, CommonOptions.Set, RecipeOptions.Seed, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var (_, loaded, sentence) = CommonOptions.LoadNamed(parsed, parsed.GetValue(_name), parsed.GetValue(RecipeOptions.Epochs));
        if (parsed.GetValue(_yaml))
        {
            Log(RecipeFile.Write(loaded.Recipe).TrimEnd());
            return ExitCode.Done;
        }

        var values = InOrder(loaded).Where(value => !parsed.GetValue(_changed) || value.Source is not null).ToList();
        var (width, names) = (TerminalWidth.OfLists(), values.Select(value => value.Key.Length).DefaultIfEmpty().Max() + 2);
        Log($"{sentence}.");
        foreach (var (key, value, source) in values)
        {
            var (shown, from) = (value.Length == 0 ? "\"\"" : value, Describe(source));
            if (shown.Length < ValueWidth)
            {
                Log($"{key.PadRight(names)}{shown.PadRight(ValueWidth)}{from}");
            }
            else
            {
                Log($"{key.PadRight(names)}{new string(' ', ValueWidth)}{from}");
                WordWrap.Cell(shown.Replace(",", ", ", StringComparison.Ordinal), width - 4).ToList().ForEach(line => Log($"    {line}"));
            }
        }

        CommonOptions.PrintJson(parsed, values.ToDictionary(v => v.Key, v => new { value = v.Value, source = Describe(v.Source) }, StringComparer.Ordinal));
        return ExitCode.Done;
    }

    /// <summary>Lists the values in the order in which recipes are written.</summary>
    private static IEnumerable<(string Key, string Value, string? Source)> InOrder(LoadedRecipe loaded)
    {
        var flat = RecipeKeys.Flatten(loaded.Recipe);
        var order = RecipeSchema.Paths().Select((path, i) => (path, i)).ToDictionary(p => p.path, p => p.i, StringComparer.Ordinal);
        return flat.OrderBy(p => order.GetValueOrDefault(p.Key, int.MaxValue)).Select(p => (p.Key, p.Value, loaded.SourceOf(p.Key)));
    }

    private static string Describe(string? source) => source switch
    {
        null => "default",
        RecipeLayers.Overrides => "command line",
        _ => source,
    };
}
