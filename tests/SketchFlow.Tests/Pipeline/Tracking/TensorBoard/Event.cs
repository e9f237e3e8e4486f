namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

/// <summary>One event of a TensorBoard file, as far as the tests look.</summary>
internal sealed record Event(double WallTime, long Step, string? FileVersion, bool SessionStart, IReadOnlyDictionary<string, float> Scalars, IReadOnlyDictionary<string, string> Texts);
