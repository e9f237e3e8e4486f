namespace SketchFlow.Fuzz.Workers;

/// <summary>The result of one input.</summary>
/// <param name="Verdict">Kind of the result.</param>
/// <param name="Milliseconds">CPU time of the process.</param>
/// <param name="Megabytes">Growth of the resident memory while it read.</param>
/// <param name="Text">Sentence of the refusal, or the exception with its stack.</param>
public readonly record struct Answer(Verdict Verdict, double Milliseconds, double Megabytes, string Text);
