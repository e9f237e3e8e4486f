namespace SketchFlow.Pipeline.Runs;

/// <summary>A row that a run was trained or validated on.</summary>
/// <param name="Table">The part of the data set that lists it: <c>train</c> or <c>val</c>.</param>
/// <param name="Id">Row number at the time of training; it tells two rows of one path apart.</param>
/// <param name="ImagePath">Path as the data set writes it.</param>
/// <param name="ClassName">Name of its class; empty if the row had no usable target.</param>
public sealed record SplitRow(string Table, long Id, string ImagePath, string ClassName);
