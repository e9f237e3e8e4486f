using System.Collections.Immutable;
using System.CommandLine;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>The options of a verb by all their names, and its path in the command tree.</summary>
public static class VerbOptions
{
    /// <summary>Returns the options that a verb accepts, its own and those of all verbs, by name and alias.</summary>
    /// <param name="verb">The verb.</param>
    public static ImmutableDictionary<string, Option> NamesOf(Command verb) => Ancestors(verb)
        .SelectMany(c => c == verb ? c.Options : c.Options.Where(o => o.Recursive))
        .SelectMany(option => option.Aliases.Prepend(option.Name).Select(name => (Name: name, Option: option)))
        .DistinctBy(option => option.Name).ToImmutableDictionary(option => option.Name, option => option.Option, StringComparer.Ordinal);

    /// <summary>Returns the options of all verbs, of which <c>--version</c> is none.</summary>
    public static ImmutableArray<Option> CommonOf(Command verb) => [.. Ancestors(verb).Skip(1).SelectMany(c => c.Options).Where(o => o.Recursive)];

    /// <summary>Returns the words of a verb after the program's name, such as <c>bench loader</c>; empty for the program itself.</summary>
    public static string PathOf(Command verb) => string.Join(' ', Ancestors(verb).Where(c => c is not RootCommand).Reverse().Select(c => c.Name));

    /// <summary>Returns the command tree of a verb.</summary>
    public static Command RootOf(Command verb) => Ancestors(verb).Last();

    /// <summary>Lists a command and all verbs below it.</summary>
    public static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static IEnumerable<Command> Ancestors(Command? verb)
    {
        for (; verb is not null; verb = verb.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return verb;
        }
    }
}
