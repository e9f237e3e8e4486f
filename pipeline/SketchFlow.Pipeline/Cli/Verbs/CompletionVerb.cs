using System.CommandLine;
using SketchFlow.Pipeline.Cli.Completion;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>completion</c>: prints a script with which a shell completes command lines.</summary>
[Verb(
    "completion",
    "Print a script that completes verbs, options, recipes, architectures and runs in bash, zsh or fish.",
    Order = 190,
    Examples = ["sketchflow completion bash", "sketchflow completion zsh", "sketchflow completion fish"])]
public sealed class CompletionVerb : Verb
{
    private readonly Argument<CompletionShell> _shell = new("shell")
    {
        Description = "bash, zsh or fish. In bash and zsh: eval \"$(sketchflow completion bash)\"; in fish: sketchflow completion fish | source.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_shell];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        // Not WriteLine, which breaks long lines between words.
        Console.Write(CompletionScript.For(parsed.GetValue(_shell)));
        return ExitCode.Done;
    }
}
