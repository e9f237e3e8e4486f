using System.Collections.Immutable;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>The table of one member for one split, with its folds joined.</summary>
/// <param name="Table">The rows, in ascending id.</param>
/// <param name="Files">The files behind it.</param>
/// <param name="Written">Time at which the newest of them was written, UTC.</param>
internal sealed record MemberTable(LogitsTable Table, ImmutableArray<TableFile> Files, DateTime Written)
{
    /// <summary>Returns the table under the name of another run, whose validation figures it estimates.</summary>
    /// <param name="run">Name of that run.</param>
    /// <param name="estimatedBy">Name of the run that was validated.</param>
    public MemberTable AsEstimateOf(string run, string estimatedBy) => this with
    {
        Table = Table with { Metadata = Table.Metadata with { Run = run, EstimatedBy = estimatedBy } },
    };
}
