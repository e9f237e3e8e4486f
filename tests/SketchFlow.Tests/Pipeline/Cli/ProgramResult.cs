namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Exit code and output of the program.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public string LastLine => Output.Trim().Split('\n')[^1];

    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}
