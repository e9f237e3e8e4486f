using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Cli.Completion;

/// <summary>The values that a shell completes: choices, recipes, architectures, weights, runs, ensembles and keys of recipes.</summary>
internal static partial class ValueCompletions
{
    private static readonly Lock _lock = new();

    /// <summary>Adds the values to all options and arguments of the command tree.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="artifacts">The option that names the folder of all output.</param>
    public static void AddTo(RootCommand root, Option<string?> artifacts)
    {
        // Verbs of several trees share options.
        lock (_lock)
        {
            var help = root.Options.OfType<HelpOption>().Single();
            new[] { "-?", "/?", "/h" }.ToList().ForEach(name => help.Aliases.Remove(name));
            foreach (var verb in VerbOptions.All(root))
            {
                var path = VerbOptions.PathOf(verb);
                foreach (var option in verb.Options)
                {
                    Add(option.CompletionSources, option.ValueType, ForOption(path, option.Name, new Trained(artifacts)));
                    if (option.ValueType == typeof(bool) || option.ValueType.IsArray)
                    {
                        AddNext(option);
                    }
                }

                foreach (var argument in verb.Arguments)
                {
                    Add(argument.CompletionSources, argument.ValueType, ForArgument(path, new Trained(artifacts)));
                }
            }
        }
    }

    private static void Add(
        List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources, Type valueType, Func<CompletionContext, IEnumerable<string>>? values)
    {
        var type = Nullable.GetUnderlyingType(valueType) ?? valueType;
        values ??= type.IsEnum ? _ => Enum.GetNames(type).Select(name => name.ToLowerInvariant()) : null;
        if (values is not null)
        {
            sources.Clear();
            sources.Add(context => values(context).Select(value => new CompletionItem(value)));
        }
    }

    // The parser asks a flag, and an option that may be repeated, for what follows it.
    private static void AddNext(Option option)
    {
        if (option.ValueType == typeof(bool))
        {
            option.CompletionSources.Clear();
        }

        option.CompletionSources.Add(context => context.ParseResult.CommandResult.Command.GetCompletions(context));
    }

    private static Func<CompletionContext, IEnumerable<string>>? ForOption(string verb, string option, Trained trained) => (verb, option) switch
    {
        ("score" or "explain", "--against") or ("data prepare", "--from") or ("logits import", "--run") => null,
        (_, "--model" or "--models") => Models,
        (_, "--recipe") => _ => RecipeFile.Names,
        ("predict", "--run") => context => trained.Runs(context).Append("all"),
        ("train" or "soup" or "explain" or "report", "--run") or ("report", "--against") or (_, "--runs" or "--exclude") => trained.Runs,
        (_, "--run" or "--against" or "--refit") => context => trained.Runs(context).Concat(trained.Ensembles(context)),
        (_, "--ensemble" or "--from") => trained.Ensembles,
        (_, "--device") => _ => ["auto", "cpu", "cuda"],
        (_, "--amp") => _ => ["auto", "off", "bf16", "fp16"],
        (_, "--augmentation") => _ => AugmentationPreset.Names,
        (_, "--tta") => _ => TestTimeAugmentation.Names.Prepend("none"),
        ("logits import", "--split") => _ => [RunLogits.Validation, "test", "train"],
        ("explain", "--split") => _ => [RunLogits.Validation, RunLogits.Test],
        ("evaluate", "--split") => _ => [RunLogits.Validation, "train"],
        (_, "--set") => _ => RecipeSchema.Paths().Select(key => $"{key}="),
        _ => null,
    };

    private static Func<CompletionContext, IEnumerable<string>>? ForArgument(string verb, Trained trained) => verb switch
    {
        "runs" or "runs diff" or "runs sync" => trained.Runs,
        "models list" or "models check" or "bench zoo" => _ => Zoo.Names,
        "models info" or "models pull" => Architectures,
        "recipes show" => Models,
        "recipes keys" => _ => RecipeSchema.Paths(),
        "transforms list" or "transforms apply" => _ => Transform.Known.Keys,
        _ => null,
    };

    private static IEnumerable<string> Models(CompletionContext context) =>
        RecipeFile.Names.Concat(Zoo.Families.SelectMany(family => family.ShortNames).Select(name => name.Name)).Append("baseline")
            .Concat(Architectures(context)).Distinct(StringComparer.Ordinal);

    // A tag follows the architecture: a list of all tags helps nobody.
    private static IEnumerable<string> Architectures(CompletionContext context) =>
        context.WordToComplete.Split('.') is [var model, _, ..] && Zoo.Names.Contains(model)
            ? Pretrained.TagsFor(model).Select(tag => $"{model}.{tag.Tag}")
            : Zoo.Names;

    // Names of folders come from anywhere; one that a shell could read as more than a word is not offered.
    private static IEnumerable<string> Plain(IEnumerable<string> names) => names.Where(name => PlainName().IsMatch(name));

    /// <summary>Lists the trained runs and the ensembles of the folder that the command line names.</summary>
    private sealed record Trained(Option<string?> Artifacts)
    {
        public IEnumerable<string> Runs(CompletionContext context) => Plain(In(context).AllRuns().Select(run => run.Name));

        public IEnumerable<string> Ensembles(CompletionContext context) => Plain(new TrainedModelNames(In(context)).AllEnsembles());

        private Artifacts In(CompletionContext context) => SketchFlow.Pipeline.Runs.Artifacts.At(context.ParseResult.GetValue(Artifacts));
    }

    [GeneratedRegex(@"\A[\p{L}\p{N}_+.][\p{L}\p{N}_+.@-]*\z", RegexOptions.None, 1000)]
    private static partial Regex PlainName();
}
