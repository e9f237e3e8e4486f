using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>Prints the help of a verb: the ten most used commands or options first, the others after them, then examples.</summary>
/// <param name="width">Number of columns; null is that of the terminal.</param>
public sealed class VerbHelp(int? width = null) : SynchronousCommandLineAction
{
    /// <summary>Number of commands and options in the first list.</summary>
    public const int MostUsed = 10;

    /// <summary>Fewer more options than this are not worth a list of their own.</summary>
    private const int LeastMore = 4;

    private static readonly ImmutableArray<string> RootExamples =
        ["sketchflow train --data my-data --epochs 5", "sketchflow predict --data my-data", "sketchflow train --help"];

    private const int Indent = 2;
    private const int NameWidth = 26;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        foreach (var line in Lines(parseResult.CommandResult.Command, width ?? TerminalWidth.OfLists()))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(line);
        }

        return ExitCode.Done;
    }

    /// <summary>Returns the help of a verb line by line.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="width">Number of columns.</param>
    public static IEnumerable<string> Lines(Command verb, int width)
    {
        var path = VerbOptions.PathOf(verb);
        var name = path.Length > 0 ? $"sketchflow {path}" : "sketchflow";
        ImmutableArray<Option> options = [.. verb.Options.Where(o => !o.Hidden), .. verb is RootCommand ? [] : VerbOptions.CommonOf(verb)];
        ImmutableArray<Argument> arguments = [.. verb.Arguments.Where(a => !a.Hidden)];
        ImmutableArray<Command> commands = [.. verb.Subcommands.Where(c => !c.Hidden)];
        return
        [
            .. WordWrap.Cell(verb.Description ?? "", width),
            "",
            $"Usage: {name}{string.Concat(arguments.Select(a => $" {Label(a)}"))}{(commands.Length > 0 && arguments.IsEmpty ? " COMMAND" : "")} [options]",
            .. Section("Arguments", [.. arguments.Select(a => (Label(a), a.Description + Default(a)))], width),
            .. Sections("Commands", [.. commands.Select(c => (c.Name, c.Description ?? ""))], width),
            .. Sections("Options", [.. options.Select(o => (Label(o), o.Description + Default(o)))], width),
            .. Examples(verb),
        ];
    }

    private static string[] Examples(Command verb) => (verb is VerbCommand command ? command.Examples : RootExamples) is { IsEmpty: false } examples
        ? ["", "Examples:", .. examples.Select(e => $"  {e}")]
        : [];

    private static IEnumerable<string> Sections(string title, ImmutableArray<(string Name, string Text)> rows, int width) => rows.Length < MostUsed + LeastMore
        ? Section(title, rows, width)
        :
        [
            .. Section($"Most used {title.ToLowerInvariant()}", [.. rows.Take(MostUsed)], width),
            .. Section($"More {title.ToLowerInvariant()}", [.. rows.Skip(MostUsed)], width),
        ];

    private static IEnumerable<string> Section(string title, ImmutableArray<(string Name, string Text)> rows, int width)
    {
        if (rows.IsEmpty)
        {
            yield break;
        }

        yield return "";
        yield return $"{title}:";
        var column = Indent + Math.Min(NameWidth, rows.Max(r => r.Name.Length)) + Indent;
        foreach (var (name, text) in rows)
        {
            var lines = WordWrap.Cell(text, width - column);
            var head = $"{new string(' ', Indent)}{name}";
            if (head.Length + Indent > column)
            {
                yield return head;
                head = "";
            }

            yield return head.PadRight(column) + lines[0];
            foreach (var line in lines.Skip(1))
            {
                yield return new string(' ', column) + line;
            }
        }
    }

    private static string Label(Argument argument) =>
        argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name.ToUpperInvariant()}]"
        : argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name.ToUpperInvariant()}..." : argument.Name.ToUpperInvariant();

    private static string Label(Option option)
    {
        var letter = option.Aliases.FirstOrDefault(a => a.Length == 2 && a[0] == '-' && char.IsLetter(a[1]));
        var name = letter is null ? option.Name : $"{letter}, {option.Name}";
        return option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? name
            : option.Arity.MinimumNumberOfValues == 0 && !option.ValueType.IsArray ? $"{name} [{ValueName(option)}]"
            : $"{name} {ValueName(option)}{(option.AllowMultipleArgumentsPerToken ? "..." : "")}";
    }

    private static string ValueName(Option option)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return (option.HelpName ?? (type.IsPrimitive ? "number" : option.Name.TrimStart('-'))).ToUpperInvariant();
    }

    private static string Default(Symbol symbol)
    {
        var value = symbol switch
        {
            Option { HasDefaultValue: true, Required: false } option => option.GetDefaultValue(),
            Argument { HasDefaultValue: true } argument => argument.GetDefaultValue(),
            _ => null,
        };
        var text = value switch
        {
            null or false or "" => "",
            string one => one,
            Enum kind => kind.ToString().ToLowerInvariant(),
            System.Collections.IEnumerable many => string.Join(' ', many.Cast<object>()),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
        return symbol is Option { Required: true } ? " Required." : text.Length > 0 ? $" Default: {text}." : "";
    }
}
