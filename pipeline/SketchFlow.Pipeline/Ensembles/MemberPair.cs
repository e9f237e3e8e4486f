using System.Collections.Immutable;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Both tables of one member.</summary>
/// <param name="Name">Name of the member.</param>
/// <param name="Validation">The validation table; for a refit that of the run which estimates it.</param>
/// <param name="Test">The test table, or null.</param>
internal sealed record MemberPair(string Name, MemberTable Validation, MemberTable? Test)
{
    /// <summary>Time at which the newest table was written, UTC.</summary>
    public DateTime Written => Test is { } test && test.Written > Validation.Written ? test.Written : Validation.Written;

    /// <summary>Ids of the test images in submissions; empty where these are the row numbers.</summary>
    public ImmutableArray<string> SubmissionIds => Test?.Table.Metadata.SubmissionIds ?? [];

    /// <summary>Fingerprints of the data set in the tables; null for a table without one.</summary>
    public string?[] Fingerprints => Test is { } test
        ? [Validation.Table.Metadata.DatasetSha256, test.Table.Metadata.DatasetSha256]
        : [Validation.Table.Metadata.DatasetSha256];

    /// <summary>Whether a table has its classes in another order.</summary>
    public bool HasOtherClassOrder(ImmutableArray<string> classes) =>
        !Validation.Table.Metadata.ClassNames.SequenceEqual(classes, StringComparer.Ordinal)
        || Test?.Table.Metadata.ClassNames.SequenceEqual(classes, StringComparer.Ordinal) == false;

    /// <summary>Returns the tables with their classes in that order, matched by name.</summary>
    public MemberPair WithClassOrder(ImmutableArray<string> classes, string owner, ScratchArena arena) => this with
    {
        Validation = Validation with { Table = Validation.Table.WithClassOrder(classes, owner, arena) },
        Test = Test is { } test ? test with { Table = test.Table.WithClassOrder(classes, owner, arena) } : null,
    };
}
