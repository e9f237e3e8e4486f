using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>One model's logits over the rows of one split, arrays of one length, logits in one flat block.</summary>
/// <remarks>
/// Rows whose image was rejected are rows like any other: their <see cref="Statuses"/> entry is the reason and their logits
/// are all zero, which is the uniform distribution and, ties going to the lowest class number, predicts class 0.
/// </remarks>
/// <param name="Source">The file it was read from, or any name for messages.</param>
/// <param name="Metadata">Model, run, class names and the rest.</param>
/// <param name="Ids">Row numbers of the data set's table, from 0; unique, in any order.</param>
/// <param name="ImagePaths">The <c>image_path</c> of each row.</param>
/// <param name="Targets">Class number of each row, or null where it is not known.</param>
/// <param name="Statuses"><c>ok</c>, or the reason of rejection.</param>
/// <param name="Logits">float32, rows × classes, row by row: an array, or numbers of a <see cref="ScratchArena"/>.</param>
public sealed record LogitsTable(
    string Source, LogitsMetadata Metadata, long[] Ids, string[] ImagePaths, int?[] Targets, string[] Statuses, Memory<float> Logits)
{
    /// <summary>The status of a row that was predicted.</summary>
    public const string Ok = "ok";

    /// <summary>Number of rows.</summary>
    public int Rows => Ids.Length;

    /// <summary>Number of classes.</summary>
    public int Classes => Metadata.ClassNames.Length;

    /// <summary>The logits of one row, by position: float32, (classes).</summary>
    public ReadOnlySpan<float> Row(int row) => Logits.Span.Slice(row * Classes, Classes);

    /// <inheritdoc/>
    public override string ToString() => $"{Metadata.Name} on {Metadata.Dataset}/{Metadata.Split}: {Rows} rows of {Classes} classes";
}
