namespace SketchFlow.Pipeline.Jobs;

/// <summary>Opens a progress display.</summary>
/// <param name="title">Name of the operation.</param>
/// <param name="total">Number of items.</param>
/// <param name="unit">Name of the items, in the plural.</param>
/// <param name="from">Number of items finished by an earlier process: they count as progress, but not towards the rate.</param>
public delegate IProgressBar ProgressBarFactory(string title, long total, string unit, long from = 0);
