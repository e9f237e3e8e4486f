using System.CommandLine;
using System.CommandLine.Parsing;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>Describes what is wrong with a command line in one sentence, with the nearest name and the command that shows help.</summary>
internal static class UsageErrors
{
    /// <summary>Returns the sentence about the first error; the others follow from it, as the value of an unknown option does.</summary>
    /// <param name="parsed">A command line with errors.</param>
    public static string Describe(ParseResult parsed)
    {
        var verb = parsed.CommandResult.Command;
        var path = VerbOptions.PathOf(verb);
        var sentence = parsed.UnmatchedTokens is [var word, ..] ? DescribeUnknown(verb, path, word) : DescribeValue(parsed.Errors[0], path);
        return $"{sentence} {Hint(path)}";
    }

    /// <summary>Returns the sentence that points to the help of a verb.</summary>
    /// <param name="path">Words of the verb after the program's name.</param>
    public static string Hint(string path) => $"Try: sketchflow {path}{(path.Length > 0 ? " " : "")}--help";

    private static string DescribeUnknown(Command verb, string path, string word)
    {
        var text = PrintableText.Line(word, 100);
        if (verb.Subcommands.Count > 0 && verb.Arguments.Count == 0 && !word.StartsWith('-'))
        {
            var known = verb.Subcommands.Select(c => c.Name).Concat(verb is RootCommand ? OtherToolVerbs.Same.Keys : []);
            return $"Unknown command {(path.Length > 0 ? path + " " : "")}{text}{Spelling.DidYouMean(word, known)}.";
        }

        var options = VerbOptions.NamesOf(verb);
        var takesSettings = options.ContainsKey("--set");
        if (word.StartsWith('-'))
        {
            var name = word.Split('=')[0].Replace('_', '-');
            var settings = takesSettings ? RecipeAliases.Keys.Keys.Concat(RecipeSchema.Paths()).Select(key => $"--{key.Replace('_', '-')}") : [];
            var near = Spelling.DidYouMean(name, options.Keys.Where(o => o.StartsWith("--", StringComparison.Ordinal)));
            near = near.Length > 0 ? near : Spelling.DidYouMean(name, settings);
            var others = OtherVerbs(verb, name);
            return $"Unknown option {text.Split('=')[0]}{(path.Length > 0 ? $" of {path}" : "")}{(others.Length > 0 ? others : near)}.";
        }

        if (takesSettings && word.Contains('=', StringComparison.Ordinal))
        {
            var key = word.Split('=')[0];
            var known = RecipeAliases.Keys.Keys.Concat(RecipeSchema.Paths()).Concat(options.Keys.Select(o => o.TrimStart('-')));
            return $"Unknown setting {PrintableText.Line(key, 100)}{Spelling.DidYouMean(key, known)}; sketchflow recipes keys lists all.";
        }

        return verb.Arguments.Count > 0
            ? $"Unexpected argument {text}; {path} takes {(verb.Arguments.Count == 1 ? "one argument" : $"{verb.Arguments.Count} arguments")} only."
            : $"Unexpected argument {text}; the values of {path} need an option{(options.ContainsKey("--data") ? ", such as --data FOLDER" : "")}"
                + $"{(path == "predict" ? $"; to name new images, try: sketchflow classify {text}" : "")}.";
    }

    private static string OtherVerbs(Command verb, string name)
    {
        string[] others = [.. VerbOptions.All(VerbOptions.RootOf(verb)).Where(c => c.Options.Any(o => o.Name == name)).Select(VerbOptions.PathOf).Take(3)];
        return others.Length > 0 ? $"; it is an option of {string.Join(", ", others)}" : "";
    }

    private static string DescribeValue(ParseError error, string path)
    {
        if (error.SymbolResult is ArgumentResult { Parent: not OptionResult, Tokens.Count: 0 } missing)
        {
            return $"{path} needs <{missing.Argument.Name}>: {missing.Argument.Description}";
        }

        var (name, type, tokens) = error.SymbolResult switch
        {
            OptionResult option => (option.Option.Name, option.Option.ValueType, option.Tokens),
            ArgumentResult { Parent: OptionResult option } => (option.Option.Name, option.Option.ValueType, option.Tokens),
            ArgumentResult argument => ($"<{argument.Argument.Name}> of {path}", argument.Argument.ValueType, argument.Tokens),
            _ => ("", typeof(string), []),
        };
        if (name.Length == 0)
        {
            return $"{error.Message.TrimEnd('.')}.";
        }

        string[] values = [.. tokens.Select(t => t.Value)];
        return values.Length == 0 ? $"{name} has no value, expected {Expected(type)}."
            : values.Length > 1 && !type.IsArray ? $"{name} is given {values.Length} times ({string.Join(", ", values)}), expected once."
            : DescribeMisfit(name, type, values);
    }

    private static string DescribeMisfit(string name, Type type, string[] values)
    {
        var one = Scalar(type);
        var value = values.FirstOrDefault(v => !Fits(v, one)) ?? values[^1];
        var near = one.IsEnum ? Spelling.DidYouMean(value, Enum.GetNames(one).Select(n => n.ToLowerInvariant())) : "";
        return $"{name} is '{PrintableText.Line(value, 100)}'{near}, expected {Expected(type)}.";
    }

    private static Type Scalar(Type type) => type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;

    private static bool Fits(string value, Type type) => type.IsEnum ? Enum.TryParse(type, value, ignoreCase: true, out _)
        : type == typeof(int) ? int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _)
        : type == typeof(long) ? long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _)
        : type != typeof(double) || double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _);

    private static string Expected(Type type) => Scalar(type) switch
    {
        { IsEnum: true } choices => string.Join(", ", Enum.GetNames(choices).Select(n => n.ToLowerInvariant())),
        var one when one == typeof(int) || one == typeof(long) => "a whole number",
        var one when one == typeof(double) => "a number",
        var one when one == typeof(bool) => "true or false",
        _ => "a value",
    };
}
