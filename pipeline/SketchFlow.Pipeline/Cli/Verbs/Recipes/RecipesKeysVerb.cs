using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Recipes;

/// <summary>The verb <c>recipes keys</c>: all keys of recipes with type, default, range and meaning.</summary>
[Verb(
    "recipes keys",
    "List the keys of recipes: type, default, values, other names and meaning of each.",
    Order = 30,
    Examples = ["sketchflow recipes keys", "sketchflow recipes keys optimizer", "sketchflow recipes keys lr"])]
public sealed class RecipesKeysVerb : Verb
{
    private const int Indent = 4;

    private readonly Argument<string?> _prefix = new("prefix")
    {
        Description = "Beginning of the keys, such as data, or another name of one, such as lr; default: all.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_prefix, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var (all, prefix) = (RecipeKeyCatalogue.All(), parsed.GetValue(_prefix) ?? "");
        var keys = all.Where(key => key.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || key.Key == RecipeAliases.Key(prefix)).ToList();
        if (keys.Count == 0)
        {
            var known = all.SelectMany(key => key.Key.Split('.').Append(key.Key).Concat(key.Names));
            throw new UsageException(
                $"No key begins with '{PrintableText.Line(prefix, 100)}'{Spelling.DidYouMean(prefix, known)}; sketchflow recipes keys lists all.");
        }

        var width = TerminalWidth.OfLists();
        foreach (var key in keys)
        {
            Print(key, width);
        }

        CommonOptions.PrintJson(parsed, keys);
        return ExitCode.Done;
    }

    private static void Print(RecipeKeyDescription key, int width)
    {
        var option = RecipeOptions.All.FirstOrDefault(option => option.Key == key.Key)?.Option.Name;
        string[] names = [.. option is null ? Array.Empty<string>() : [option], .. key.Names];
        var range = key.Range.Length == 0 || key.Type == "flag" ? "" : key.Type == "choice" ? $" of {key.Range}" : $", {key.Range}";
        var facts = $"{key.Key}: {key.Type}{range}; default {(key.Default.Length > 0 ? key.Default : "empty")}"
            + (key.Kinds.IsEmpty ? "" : $"; of {string.Join(", ", key.Kinds)}")
            + (names.Length > 0 ? $"; also {string.Join(", ", names)}" : "");
        var lines = WordWrap.Cell(facts, width - Indent);
        Log(lines[0]);
        foreach (var line in lines.Skip(1).Concat(WordWrap.Cell(key.Summary, width - Indent)))
        {
            Log($"{new string(' ', Indent)}{line}");
        }
    }
}
