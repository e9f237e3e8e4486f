namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

/// <summary>The fields of a TensorBoard event that the tests check.</summary>
internal sealed record Event(
    double WallTime, long Step, string? FileVersion, bool SessionStart, IReadOnlyDictionary<string, float> Scalars, IReadOnlyDictionary<string, string> Texts);
