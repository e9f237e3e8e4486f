using System.CommandLine;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Recipes;

/// <summary>The verb <c>recipes list</c>: one line per recipe of the program.</summary>
[Verb(
    "recipes list",
    "List the recipes of the program, one line each.",
    Order = 10,
    Examples = ["sketchflow recipes list", "sketchflow recipes list --json"])]
public sealed class RecipesListVerb : Verb
{
    private static readonly (string Folder, string Title)[] _folders =
    [
        ("cpu", "For a CPU, from new weights"), ("gpu", "For a GPU, and for fine-tuning"),
        ("report", "Those of the competition report that SketchFlow implements"),
        ("bench", "For benchmarks"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var recipes = RecipeFile.Names.Select(name => (Name: name, File: RecipeFile.Find(name))).ToList();
        var (width, names) = (TerminalWidth.OfLists(), recipes.Max(r => r.Name.Length) + 2);
        foreach (var (folder, title) in _folders)
        {
            Log($"{title}:");
            foreach (var (name, file) in recipes.Where(r => Path.GetFileName(Path.GetDirectoryName(r.File)) == folder))
            {
                var lines = WordWrap.Cell(WordWrap.FirstClause(RecipeFile.Load(file, []).Description), width - names - 2);
                foreach (var (start, line) in lines.Select((line, i) => (i == 0 ? name : "", line)))
                {
                    Log($"  {start.PadRight(names)}{line}");
                }
            }
        }

        Log("sketchflow recipes show NAME prints one; sketchflow train --recipe NAME uses it.");
        CommonOptions.PrintJson(parsed, recipes.Select(r => (r.Name, r.File, Recipe: RecipeFile.Load(r.File, []))).Select(r => new
        {
            name = r.Name,
            group = Path.GetFileName(Path.GetDirectoryName(r.File)),
            architecture = r.Recipe.Architecture,
            epochs = r.Recipe.Epochs,
            description = r.Recipe.Description,
            file = r.File,
        }));
        return ExitCode.Done;
    }
}
