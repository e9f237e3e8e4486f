using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets;

/// <summary>A further column of <c>train.csv</c>, next to class name, image path and target.</summary>
/// <param name="Name">Name in the table's first line.</param>
/// <param name="Values">Values of the training rows; the index is the row's id. Empty text where a row has no value.</param>
public sealed record DataColumn(string Name, ImmutableArray<string> Values);
