using System.Collections.Immutable;
using System.CommandLine;

namespace SketchFlow.Pipeline.Cli.Options;

/// <summary>A command with examples for its help.</summary>
/// <param name="name">Last word of the verb.</param>
/// <param name="description">Description that <c>--help</c> prints.</param>
/// <param name="examples">Command lines that <c>--help</c> prints.</param>
internal sealed class VerbCommand(string name, string description, ImmutableArray<string> examples) : Command(name, description)
{
    /// <summary>Command lines that <c>--help</c> prints.</summary>
    public ImmutableArray<string> Examples => examples;
}
