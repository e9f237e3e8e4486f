using System.CommandLine;
using System.CommandLine.Invocation;
using SketchFlow.Pipeline.Installation;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Prints the version of the program; with <c>--verbose</c>, those of its parts as well.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(ProgramVersions.Program);
        if (parseResult.GetValue(CommonOptions.Verbose))
        {
            foreach (var line in ProgramVersions.Describe())
            {
                output.WriteLine(line);
            }
        }

        return ExitCode.Done;
    }
}
