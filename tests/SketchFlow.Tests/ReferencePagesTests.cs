using System.CommandLine;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests;

/// <summary>The reference pages under docs/ are generated from the program; SKETCHFLOW_APPROVE=1 writes them.</summary>
public class ReferencePagesTests
{
    [Fact]
    public void The_page_of_the_command_line_lists_every_verb_and_option()
    {
        var page = new StringBuilder(
            "# Command line\n\nGenerated from the program. Options that every verb has: `--verbose` (details, and the stack trace of an error), `--help`.\n");
        Add(VerbTree.Build(), "sketchflow", page);
        Matches("cli.md", page);
    }

    [Fact]
    public void The_page_of_recipe_keys_lists_every_key_with_default_and_range() => Matches("recipe.md", new StringBuilder(
        "# Recipe keys\n\nGenerated from the program; `sketchflow recipes keys` prints the same. A recipe is a YAML file; `--set key=value` overrides a key,\n"
        + "`extends: NAME` builds on another. `--set`, options (`--mixup 0.2`) and the columns of `runs` also take the other names. An unknown key is\n"
        + "an error that names the nearest one. The keys of `loss`, `optimizer` and `schedule` depend on their kind: [kinds](kinds.md).\n"
        + "The transforms of `augmentation` have [a page of their own](../transforms.md).\n\n").Append(RecipeKeyCatalogue.Markdown(RecipeKeyCatalogue.All())));

    private static void Add(Command command, string path, StringBuilder page)
    {
        if (command is not RootCommand)
        {
            page.Append($"\n## {path}\n\n{command.Description}\n");
            var rows = command.Arguments.Where(argument => !argument.Hidden)
                .Select(argument => Row($"<{argument.Name}>", argument.HasDefaultValue ? argument.GetDefaultValue() : null, argument.Description))
                .Concat(command.Options.Where(option => !option.Hidden && !option.Recursive)
                    .Select(option => Row(option.Name, option.HasDefaultValue ? option.GetDefaultValue() : null, option.Description)))
                .ToList();
            page.Append(rows.Count > 0 ? "\n" + MarkdownTable.Write(["argument or option", "default", "meaning"], rows) : "");
        }

        foreach (var inner in command.Subcommands.Where(inner => !inner.Hidden))
        {
            Add(inner, $"{path} {inner.Name}", page);
        }
    }

    private static string[] Row(string name, object? value, string? description) => [$"`{name}`", Default(value), description ?? ""];

    private static string Default(object? value) => value switch
    {
        null or "" or false => "",
        Enum kind => $"`{kind.ToString().ToLowerInvariant()}`",
        System.Collections.IEnumerable many and not string => $"`{string.Join(' ', many.Cast<object>())}`",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"`{value}`"),
    };

    private static void Matches(string file, StringBuilder page) =>
        ApprovedText.Matches(Path.Combine(Repository.Root, "docs", "reference", file), page.ToString());
}
