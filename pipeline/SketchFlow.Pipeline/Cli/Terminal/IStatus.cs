namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Describes the work that the program is doing now.</summary>
public interface IStatus
{
    /// <summary>Returns one or two lines for a terminal.</summary>
    /// <param name="width">Number of columns.</param>
    IReadOnlyList<string> Draw(int width);

    /// <summary>Returns one line for a log.</summary>
    string Describe();
}
