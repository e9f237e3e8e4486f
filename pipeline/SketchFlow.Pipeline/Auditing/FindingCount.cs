using SketchFlow.Scoring.Audit;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>A kind of finding and the number of its images.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Key">Word for it in files, such as <c>label_error</c>.</param>
/// <param name="Name">Name in the plural, for headings.</param>
/// <param name="Meaning">Meaning; where it could not be looked for, the reason.</param>
/// <param name="Images">Number of images; null where it could not be looked for.</param>
internal sealed record FindingCount(AuditFindings Finding, string Key, string Name, string Meaning, int? Images);
