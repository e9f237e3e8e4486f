namespace SketchFlow.Pipeline.Cli;

/// <summary>What the program answers to the shell.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed; one sentence on standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 2;

    /// <summary>Done, but some inputs were rejected; they are listed.</summary>
    public const int Rejections = 3;

    /// <summary>Interrupted by Ctrl-C or SIGTERM, after a checkpoint.</summary>
    public const int Interrupted = 130;
}
