using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>Logits of one model for the rows of one split: arrays of one length, the logits in one flat block.</summary>
/// <remarks>
/// Rows whose image was rejected are rows like any other: their entry in <see cref="Statuses"/> is the reason and their logits
/// are all zero, which is the uniform distribution. As the lowest class number wins ties, they predict class 0.
/// </remarks>
/// <param name="Source">Path of the file, or any name for messages.</param>
/// <param name="Metadata">Model, run, class names and other metadata.</param>
/// <param name="Ids">Row numbers of the data set's table, from 0; unique, in any order.</param>
/// <param name="ImagePaths">The <c>image_path</c> of each row.</param>
/// <param name="Targets">Class number of each row, or null if unknown.</param>
/// <param name="Statuses"><c>ok</c>, or the reason for the rejection.</param>
/// <param name="Logits">float32, rows × classes, row by row: an array, or memory of a <see cref="ScratchArena"/>.</param>
public sealed record LogitsTable(
    string Source, LogitsMetadata Metadata, long[] Ids, string[] ImagePaths, int?[] Targets, string[] Statuses, Memory<float> Logits)
{
    /// <summary>The status of a row that was predicted.</summary>
    public const string Ok = "ok";

    /// <summary>SHA-256 of the file, lower-case hexadecimal; null unless <see cref="LogitsReadOptions.HashFiles"/> was set.</summary>
    public string? FileSha256 { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows => Ids.Length;

    /// <summary>Number of classes.</summary>
    public int Classes => Metadata.ClassNames.Length;

    /// <summary>Returns the logits of one row, by position: float32, (classes).</summary>
    public ReadOnlySpan<float> Row(int row) => Logits.Span.Slice(row * Classes, Classes);

    /// <summary>Returns the table with the same classes in another order, matched by name; the table itself if it has that order already.</summary>
    /// <param name="classNames">Class names in the order of the result.</param>
    /// <param name="owner">Source of that order, for the message.</param>
    /// <param name="arena">Memory for the logits; by default ordinary memory.</param>
    /// <exception cref="RefusalException">The names differ.</exception>
    public LogitsTable WithClassOrder(ImmutableArray<string> classNames, string owner, ScratchArena? arena = null)
    {
        var mapping = ClassMapping.Between(Metadata.ClassNames, classNames, $"the table {Source}", owner, "Join models trained on the same classes.");
        if (mapping.IsIdentity)
        {
            return this;
        }

        var logits = (arena ?? ScratchArena.Memory).Allocate<float>(Logits.Length);
        for (var row = 0; row < Rows; row++)
        {
            mapping.Apply(Row(row), logits.Span.Slice(row * Classes, Classes));
        }

        var numbers = new int[Classes];
        for (var c = 0; c < numbers.Length; c++)
        {
            numbers[mapping.Sources[c]] = c;
        }

        return this with
        {
            Metadata = Metadata with { ClassNames = classNames },
            Targets = [.. Targets.Select(t => t is { } target ? numbers[target] : default(int?))],
            Logits = logits,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Metadata.Name} on {Metadata.Dataset}/{Metadata.Split}: {Rows} rows of {Classes} classes";
}
