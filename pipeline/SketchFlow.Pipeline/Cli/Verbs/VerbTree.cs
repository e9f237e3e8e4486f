using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Completion;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The command tree of the program, built from all classes with a <see cref="VerbAttribute"/>.</summary>
public static class VerbTree
{
    private static readonly Lazy<ILookup<string, (Type Type, VerbAttribute? Declaration)>> _declared = new(() => typeof(Verb).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Verb)))
        .Select(type => (Type: type, Declaration: type.GetCustomAttribute<VerbAttribute>()))
        .Where(found => found.Declaration is not null)
        .ToLookup(found => found.Declaration!.Group, StringComparer.Ordinal));

    /// <summary>Builds the root command with all verbs.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("SketchFlow: sketch image classification with dataflow pipelines in C#.") { CommonOptions.Verbose };
        root.SetAction(RefuseNoCommand);
        var help = root.Options.OfType<HelpOption>().Single();
        (help.Action, help.Description) = (new VerbHelp(), "Show help.");
        var version = root.Options.OfType<VersionOption>().Single();
        (version.Action, version.Description) = (new VersionAction(), "Show the version; with --verbose, those of .NET and of the native libraries too.");
        // The usual check refuses --verbose.
        version.Validators.Clear();
        AddVerbs(root, "");
        return root;

        void AddVerbs(Command parent, string group)
        {
            var verbs = _declared.Value[group].OrderBy(found => found.Declaration!.Order).ThenBy(found => found.Declaration!.Name, StringComparer.Ordinal);
            foreach (var (type, declaration) in verbs)
            {
                var verb = (Verb)Activator.CreateInstance(type)!;
                var command = new VerbCommand(declaration!.Name, declaration.Description, [.. declaration.Examples]);
                foreach (var parameter in verb.Parameters)
                {
                    Add(command, parameter);
                }

                command.SetAction(parsed =>
                {
                    using var end = new EndOnSignal(() => verb.InterruptedSentence);
                    using var status = Progress.Open($"sketchflow {declaration.Path}", 0, "");
                    return verb.Run(parsed);
                });
                AddVerbs(command, declaration.Path);
                parent.Add(command);
            }
        }
    }

    /// <summary>Parses a command line, after rewriting what is typed as for other tools.</summary>
    /// <param name="arguments">The command line.</param>
    /// <exception cref="UsageException">The verb is one of another tool that this program does not have.</exception>
    public static ParseResult Parse(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var root = Build();
        if (arguments is [['[', ..], ..])
        {
            ValueCompletions.AddTo(root, CommonOptions.Artifacts);
        }

        // A word such as @cat.png is a file's name, and no file of further arguments.
        return root.Parse(OtherToolArguments.Rewrite(root, arguments), new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    /// <summary>Refuses a command line that ends before a verb.</summary>
    /// <exception cref="UsageException">Always.</exception>
    internal static int RefuseNoCommand(ParseResult parsed) =>
        throw new UsageException($"No command given. {UsageErrors.Hint(VerbOptions.PathOf(parsed.CommandResult.Command))}");

    private static void Add(Command command, Symbol parameter)
    {
        switch (parameter)
        {
            case Argument argument:
                command.Add(argument);
                break;
            case Option option:
                command.Add(option);
                break;
            default:
                throw new ArgumentException(
                    $"Expected an argument or an option of {command.Name}, got {parameter.GetType().Name} {parameter.Name}.", nameof(parameter));
        }
    }
}
