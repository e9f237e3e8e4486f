namespace SketchFlow.Pipeline.Runs;

/// <summary>An intact resume file.</summary>
/// <param name="Path">The file, which also holds the tensors.</param>
/// <param name="State">The state of the run.</param>
public sealed record ResumePoint(string Path, RunState State);
