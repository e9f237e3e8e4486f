namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>What the program printed and answered.</summary>
internal sealed record Answer(int ExitCode, string Output, string Error)
{
    public string LastLine => Output.Trim().Split('\n')[^1];

    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}
