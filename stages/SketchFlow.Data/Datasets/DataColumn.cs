using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets;

/// <summary>A further column of <c>train.csv</c> or of Parquet shards, next to image and class.</summary>
/// <param name="Name">Name in the table's first line.</param>
/// <param name="Values">Values of the training rows; the index is the row's id. Empty text where a row has no value.</param>
public sealed record DataColumn(string Name, ImmutableArray<string> Values);
