namespace SketchFlow.Pipeline.Preparing;

/// <summary>What preparing came to.</summary>
/// <param name="Classes">Classes kept.</param>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
/// <param name="Kept">Images that an earlier, interrupted preparation had written already.</param>
/// <param name="Answers">The file of the test set's labels, outside of the data set's folder.</param>
public sealed record PreparationReport(int Classes, int Train, int Test, int Kept, string Answers);
