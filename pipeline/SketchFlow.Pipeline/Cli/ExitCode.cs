namespace SketchFlow.Pipeline.Cli;

/// <summary>Exit codes of the program.</summary>
public static class ExitCode
{
    /// <summary>Success.</summary>
    public const int Done = 0;

    /// <summary>Failure; one sentence on standard error gives the reason.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 2;

    /// <summary>Success, but some inputs were rejected and are listed.</summary>
    public const int Rejections = 3;

    /// <summary>Interrupted by Ctrl-C, SIGTERM, SIGHUP or SIGUSR1, after saving a checkpoint.</summary>
    public const int Interrupted = 130;
}
