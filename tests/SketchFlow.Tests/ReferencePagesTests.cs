using System.CommandLine;
using System.Reflection;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
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
    public void The_page_of_recipe_keys_lists_every_key_with_default_and_range()
    {
        var documentation = XmlDocumentation.Read(typeof(Recipe).Assembly);
        var learning = XmlDocumentation.Read(typeof(Loss).Assembly);
        var checks = new Recipe().Checks().SelectMany(check => check.Key.Split(" and ").Select(key => (Key: key, check.Expected)))
            .ToLookup(check => check.Key, check => check.Expected, StringComparer.Ordinal);
        string Summary(PropertyInfo property) => (property.DeclaringType!.Assembly == typeof(Recipe).Assembly ? documentation : learning).SummaryOf(property);
        var rows = Keys(new Recipe(), "", Summary)
            .Select(row => (string[])[$"`{row.Key}`", row.Default, Range(row.Type, checks[row.Key]), row.Meaning]);
        var table = MarkdownTable.Write(["key", "default", "values", "meaning"], rows);
        Matches("recipes.md", new StringBuilder(
            "# Recipe keys\n\nGenerated from the program. A recipe is a YAML file; `--set key=value` overrides a key, `extends: NAME` builds on another.\n"
            + "An unknown key is an error that lists the known ones. The keys of `loss`, `optimizer` and `schedule` depend on their kind: [kinds](kinds.md).\n"
            + "The transforms of `augmentation` have [a page of their own](../transforms.md).\n\n").Append(table));
    }

    /// <summary>Lists the keys of a section and of the sections inside it; a section with kinds is one row.</summary>
    private static IEnumerable<(string Key, Type Type, string Default, string Meaning)> Keys(object section, string path, Func<PropertyInfo, string> summary)
    {
        foreach (var property in section.GetType().GetProperties().Where(p => p.CanWrite && p.GetIndexParameters().Length == 0))
        {
            var (key, value) = (path + KindRegistry.KeyOf(property), property.GetValue(section));
            // Sections are records, whose properties are init-only.
            if (value is not null and not Kind and not System.Collections.IEnumerable && value.GetType() is { IsClass: true } type
                && type.GetProperties().Any(p => p.CanWrite && p.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Length > 0))
            {
                foreach (var inner in Keys(value!, key + ".", summary))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return (key, property.PropertyType, value is Kind kind ? kind.Name : OptionText.Format(value), summary(property));
            }
        }
    }

    private static string Range(Type type, IEnumerable<string> checks)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return string.Join("; ", checks) is { Length: > 0 } range ? range
            : inner == typeof(bool) ? "true, false"
            : inner.IsEnum ? string.Join(", ", Enum.GetNames(inner).Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName))
            : "";
    }

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
        System.Collections.IEnumerable many and not string => $"`{string.Join(' ', many.Cast<object>())}`",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"`{value}`"),
    };

    private static void Matches(string file, StringBuilder page) =>
        ApprovedText.Matches(Path.Combine(Repository.Root, "docs", "reference", file), page.ToString());
}
