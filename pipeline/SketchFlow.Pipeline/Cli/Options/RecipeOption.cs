using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>An option that sets a value of the recipe.</summary>
/// <param name="Option">The option.</param>
/// <param name="Key">Dotted path of the key.</param>
internal sealed record RecipeOption(Option Option, string Key)
{
    /// <summary>Returns the value on the command line as text; null where the option is not given.</summary>
    /// <param name="parsed">The command line.</param>
    public string? GivenIn(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false } given ? Text(given) : null;

    /// <summary>Returns the override of the recipe that the option stands for; null where the option is not given.</summary>
    /// <param name="parsed">The command line.</param>
    public string? OverrideIn(ParseResult parsed) => GivenIn(parsed) is { } text ? $"{Key}={text}" : null;

    /// <summary>Refuses a value of <c>--set</c> that the option contradicts.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="setting">The override of <c>--set</c>.</param>
    /// <exception cref="UsageException">Both are given and differ; the message names both.</exception>
    public void RefuseContradiction(ParseResult parsed, string setting)
    {
        if (GivenIn(parsed) is not { } text)
        {
            return;
        }

        var (path, value) = RecipeOverride.Parse(setting);
        var (set, key) = (string.Join('.', path), Key);
        while (set != key && value is JsonObject section && key.StartsWith($"{set}.", StringComparison.Ordinal))
        {
            var next = key[(set.Length + 1)..].Split('.')[0];
            if (!section.TryGetPropertyValue(next, out value))
            {
                return;
            }

            set = $"{set}.{next}";
        }

        if (set == key && !AreSame(text, value))
        {
            throw new UsageException($"{Option.Name} {text} and --set {setting} contradict each other; give only one of them.");
        }
    }

    private static string Text(OptionResult given) =>
        given.Tokens is [var token, ..] ? RecipeOptions.Normal(given.Option, token.Value) : RecipeOptions.Bare(given.Option);

    private static bool AreSame(string text, JsonNode? value) => value is not null
        && (text == value.ToString() || (TryNumber(text, out var a) && TryNumber(value.ToString(), out var b) && a.Equals(b)));

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out number);
}
