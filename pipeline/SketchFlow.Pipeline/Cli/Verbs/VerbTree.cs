using System.CommandLine;
using System.Reflection;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The command tree of the program, built from all classes with a <see cref="VerbAttribute"/>.</summary>
public static class VerbTree
{
    /// <summary>Builds the root command with all verbs.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("SketchFlow: sketch image classification with dataflow pipelines in C#.") { CommonOptions.Verbose };
        root.SetAction(RefuseNoCommand);
        var declared = typeof(Verb).Assembly.GetTypes()
            .Select(type => (Type: type, Declaration: type.GetCustomAttribute<VerbAttribute>()))
            .Where(found => found.Declaration is not null)
            .ToLookup(found => found.Declaration!.Group, StringComparer.Ordinal);
        AddVerbs(root, "");
        return root;

        void AddVerbs(Command parent, string group)
        {
            var verbs = declared[group].OrderBy(found => found.Declaration!.Order).ThenBy(found => found.Declaration!.Name, StringComparer.Ordinal);
            foreach (var (type, declaration) in verbs)
            {
                var verb = (Verb)Activator.CreateInstance(type)!;
                var command = new Command(declaration!.Name, declaration.Description);
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

    /// <summary>Refuses a command line that ends before a verb.</summary>
    /// <exception cref="UsageException">Always.</exception>
    internal static int RefuseNoCommand(ParseResult parsed) => throw new UsageException($"No command given. {Hint(parsed)}");

    /// <summary>Returns the sentence that points to the help of the command that was given.</summary>
    public static string Hint(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var names = command.Parents.OfType<Command>().Reverse().Append(command).Where(c => c is not RootCommand).Select(c => c.Name + " ");
        return $"Try: sketchflow {string.Concat(names)}--help";
    }

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
