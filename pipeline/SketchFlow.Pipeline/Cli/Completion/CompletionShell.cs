namespace SketchFlow.Pipeline.Cli.Completion;

/// <summary>A shell for which the program prints a completion script.</summary>
public enum CompletionShell
{
    /// <summary>GNU Bash.</summary>
    Bash,

    /// <summary>The Z shell.</summary>
    Zsh,

    /// <summary>The fish shell.</summary>
    Fish,
}
