namespace SketchFlow.Pipeline.Cli.Diagnostics;

/// <summary>Result of one check of the system.</summary>
/// <param name="Good">Whether the check passed; null if the finding is neither good nor bad.</param>
/// <param name="Subject">Checked part of the system.</param>
/// <param name="Found">Description of what was found.</param>
/// <param name="Fix">Command or advice that fixes it; empty if nothing is wrong.</param>
public sealed record Finding(bool? Good, string Subject, string Found, string Fix = "");
