namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>Receives a row without its filter.</summary>
/// <param name="row">Samples as stored.</param>
/// <param name="y">Number of the row within its pass.</param>
internal delegate void PngRowAction(ReadOnlySpan<byte> row, int y);
