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

    /// <inheritdoc/>
    public override string ToString() => $"{Metadata.Name} on {Metadata.Dataset}/{Metadata.Split}: {Rows} rows of {Classes} classes";
}
