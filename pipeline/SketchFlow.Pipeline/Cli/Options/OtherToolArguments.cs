using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>Rewrites a command line that is typed as for timm, Ultralytics, fastai, AutoGluon or W&amp;B to the options of this program.</summary>
/// <remarks>
/// A verb of another tool becomes this program's; <c>key=value</c> becomes the option or the <c>--set</c> of that name; an option that is no option of the
/// verb but a key of the recipe becomes <c>--set</c>; and a folder or a model without an option becomes <c>--data</c> or <c>--model</c>. Arguments that
/// the verb understands stay as they are.
/// </remarks>
internal sealed partial class OtherToolArguments
{
    private const string TimmEmaDecay = "0.9998";

    private readonly Command _verb;
    private readonly List<string> _arguments = [];
    private readonly bool _takesSettings;
    private readonly ImmutableDictionary<string, Option> _options;

    private OtherToolArguments(Command verb)
    {
        _verb = verb;
        _options = VerbOptions.NamesOf(verb);
        _takesSettings = _options.ContainsKey("--set");
    }

    /// <summary>Rewrites a command line.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="arguments">The command line.</param>
    /// <exception cref="UsageException">The verb is one that the program does not have; the message says what to type instead.</exception>
    public static string[] Rewrite(RootCommand root, IReadOnlyList<string> arguments)
    {
        List<string> words = [.. arguments];
        if (words.Count == 0 || words[0].StartsWith('['))
        {
            return [.. words];
        }

        RewriteVerb(root, words);
        RewriteSource(root, words);
        var (verb, depth) = ((Command)root, 0);
        while (depth < words.Count && verb.Subcommands.FirstOrDefault(c => c.Name == words[depth]) is { } inner)
        {
            (verb, depth) = (inner, depth + 1);
        }

        if (verb is RootCommand)
        {
            return [.. words];
        }

        var rewriter = new OtherToolArguments(verb);
        rewriter.Rewrite([.. words.Skip(depth)]);
        return [.. words.Take(depth), .. rewriter._arguments];
    }

    private static void RewriteVerb(RootCommand root, List<string> words)
    {
        bool IsVerb(string word) =>
            root.Subcommands.Any(c => c.Name == word) || OtherToolVerbs.Same.ContainsKey(word) || OtherToolVerbs.Missing.ContainsKey(word);
        if (words is ["help", ..])
        {
            words.RemoveAt(0);
            words.Add("--help");
        }

        // Ultralytics names the task before the verb, or both as task=classify mode=train.
        if (words.Count > 1)
        {
            words.Remove("task=classify");
        }

        if (words is ["classify", var second, ..] && IsVerb(second.Replace("mode=", "", StringComparison.Ordinal)))
        {
            words.RemoveAt(0);
        }

        words[0] = words[0].StartsWith("mode=", StringComparison.Ordinal) ? words[0]["mode=".Length..] : words[0];
        if (root.Subcommands.Any(c => c.Name == words[0]))
        {
            // wandb and mlflow list with a verb of their own.
            if (words is ["runs", "list" or "ls", ..])
            {
                words.RemoveAt(1);
            }

            return;
        }

        if (OtherToolVerbs.Missing.TryGetValue(words[0], out var sentence))
        {
            throw new UsageException($"There is no command {words[0]}: {sentence}");
        }

        if (OtherToolVerbs.Same.TryGetValue(words[0], out var same))
        {
            words.RemoveAt(0);
            words.InsertRange(0, same.Split(' '));
        }
    }

    // The verb predict of Ultralytics names new images; here it predicts the images of a data set.
    private static void RewriteSource(RootCommand root, List<string> words)
    {
        var at = words.FindIndex(w => w == "--source" || w.TrimStart('-').StartsWith("source=", StringComparison.Ordinal));
        if (words[0] != "predict" || at < 0 || root.Subcommands.All(c => c.Name != "classify"))
        {
            return;
        }

        words[0] = "classify";
        if (words[at] == "--source")
        {
            words.RemoveAt(at);
        }
        else
        {
            words[at] = words[at].Split('=', 2)[1];
        }
    }

    private void Rewrite(ImmutableArray<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                _arguments.AddRange(words.Skip(i));
                return;
            }

            var next = i + 1 < words.Length ? words[i + 1] : null;
            i += word.StartsWith('-') ? RewriteOption(word, next, words.Skip(i + 1)) : RewriteWord(word);
        }
    }

    /// <summary>Rewrites an option, and returns the number of words after it that are its values.</summary>
    private int RewriteOption(string word, string? next, IEnumerable<string> rest)
    {
        var (name, value) = word.Split('=', 2) is [var before, var after] ? (before, after) : (word, null);
        if (name.StartsWith("--", StringComparison.Ordinal) && !_options.ContainsKey(name) && _options.ContainsKey(name.Replace('_', '-')))
        {
            name = name.Replace('_', '-');
            word = value is null ? name : $"{name}={value}";
        }

        if (_options.TryGetValue(name, out var option))
        {
            var values = value is not null ? 0 : rest.TakeWhile(w => !w.StartsWith('-') || IsNegativeNumber(w)).Count();
            var own = option.ValueType == typeof(bool) ? (next is "true" or "false" or "True" or "False" ? 1 : 0)
                : option.AllowMultipleArgumentsPerToken ? values
                : option.Arity.MinimumNumberOfValues > 0 && value is null && next is not null ? 1
                : Math.Min(values, option.Arity.MaximumNumberOfValues > 0 && next is not null && !KeyValue().IsMatch(next) ? 1 : 0);
            // The parser would take a flag of another tool for the value of a bare --amp.
            _arguments.Add(own == 0 && value is null && (option == RecipeOptions.Amp || option == RecipeOptions.Pretrained)
                ? $"{name}={RecipeOptions.Bare(option)}"
                : word);
            _arguments.AddRange(rest.Take(own));
            return own;
        }

        // timm turns averaged weights on by a flag, and sets their decay by another option.
        if (_takesSettings && name == "--model-ema" && value is null)
        {
            if (!rest.Any(w => w.StartsWith("--model-ema-decay", StringComparison.Ordinal)))
            {
                AddSetting("ema.decay", TimmEmaDecay);
            }

            return 0;
        }

        var key = name.TrimStart('-').Replace('-', '_');
        if (_takesSettings && name.StartsWith("--", StringComparison.Ordinal) && IsKey(key) && (value ?? next) is { } text)
        {
            AddSetting(key, text);
            return value is null ? 1 : 0;
        }

        _arguments.Add(word);
        return 0;
    }

    /// <summary>Rewrites a word that is not the value of an option.</summary>
    private int RewriteWord(string word)
    {
        if (!File.Exists(word) && KeyValue().Match(word) is { Success: true } pair)
        {
            var (key, value) = (pair.Groups["key"].Value, pair.Groups["value"].Value);
            if (_options.TryGetValue($"--{key.Replace('_', '-')}", out var option))
            {
                AddOption(option, value);
            }
            else if (_takesSettings && IsKey(key))
            {
                AddSetting(key, value);
            }
            else
            {
                _arguments.Add(word);
            }
        }
        else if (_verb.Arguments.Count == 0 && _options.TryGetValue("--data", out var data) && Directory.Exists(word) && !IsModel(word))
        {
            AddOption(data, word);
        }
        else if (_verb.Arguments.Count == 0 && _takesSettings && _options.TryGetValue("--model", out var model) && IsModel(word) && !Directory.Exists(word))
        {
            AddOption(model, word);
        }
        else
        {
            _arguments.Add(word);
        }

        return 0;
    }

    private void AddOption(Option option, string value)
    {
        if (option.Arity.MinimumNumberOfValues > 0 || value is not ("true" or "True" or "false" or "False"))
        {
            _arguments.AddRange([option.Name, value]);
        }
        else if (value is "true" or "True")
        {
            _arguments.Add(option.Name);
        }
    }

    private void AddSetting(string key, string value) => _arguments.AddRange(["--set", $"{key}={value}"]);

    private static bool IsKey(string key) => RecipeSchema.IsKey(RecipeAliases.Key(key).Split('.'));

    private static bool IsModel(string word) => Zoo.Names.Contains(word) || RecipeFile.Names.Contains(word) || Zoo.FindShortName(word) is not null;

    private static bool IsNegativeNumber(string word) =>
        double.TryParse(word, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);

    [GeneratedRegex(@"^(?<key>[A-Za-z_][A-Za-z0-9_.]*)=(?<value>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex KeyValue();
}
