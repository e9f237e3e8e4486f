using System.Collections.Immutable;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Scoring.Tables.Import;

/// <summary>The rows and classes that an imported table must have.</summary>
/// <param name="ClassNames">Class names in the order of the logits.</param>
/// <param name="Ids">Row numbers.</param>
/// <param name="ImagePaths">The <c>image_path</c> of each row.</param>
/// <param name="Targets">Class number of each row, or null if unknown.</param>
public sealed record ImportedRows(ImmutableArray<string> ClassNames, long[] Ids, string[] ImagePaths, int?[] Targets)
{
    /// <summary>Ids that <c>test.csv</c> gives to the images, by row number; empty where these are the row numbers.</summary>
    public ImmutableArray<string> SubmissionIds { get; init; } = [];

    /// <summary>Format of submissions; null for the usual one.</summary>
    public SubmissionFormat? Format { get; init; }

    /// <summary>Takes the rows of a logits table.</summary>
    public static ImportedRows From(LogitsTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new(table.Metadata.ClassNames, table.Ids, table.ImagePaths, table.Targets)
        {
            SubmissionIds = table.Metadata.SubmissionIds,
            Format = table.Metadata.Format,
        };
    }

    /// <summary>Takes the rows of a split.</summary>
    public static ImportedRows From(IReadOnlyList<string> classNames, IReadOnlyList<Sample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new([.. classNames], [.. samples.Select(s => s.Id)], [.. samples.Select(s => s.ImagePath)], [.. samples.Select(s => s.Target)]);
    }
}
