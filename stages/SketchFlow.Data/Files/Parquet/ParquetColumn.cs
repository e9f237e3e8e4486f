namespace SketchFlow.Data.Files.Parquet;

/// <summary>A leaf column of a Parquet file.</summary>
/// <param name="Index">Position among the leaf columns.</param>
/// <param name="Path">Names from the root, joined by dots, such as <c>logits.list.element</c>.</param>
/// <param name="Type">Type of the values.</param>
/// <param name="MaxDefinition">Definition level of a value that is present; 0 for required columns.</param>
/// <param name="MaxRepetition">Number of lists that enclose a value.</param>
public sealed record ParquetColumn(int Index, string Path, ParquetColumnType Type, int MaxDefinition, int MaxRepetition)
{
    /// <summary>First part of the path: the column's name at the top level.</summary>
    public string Name => Path.Split('.')[0];
}
