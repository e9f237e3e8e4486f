using System.CommandLine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>A verb that only groups other verbs, such as <c>sketchflow bench</c>.</summary>
public abstract class VerbGroup : Verb
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<Symbol> Parameters => [];

    /// <inheritdoc/>
    /// <exception cref="UsageException">Always: a verb of the group is required.</exception>
    public sealed override int Run(ParseResult parsed) => VerbTree.RefuseNoCommand(parsed);
}
