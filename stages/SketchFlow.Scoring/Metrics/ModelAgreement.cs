namespace SketchFlow.Scoring.Metrics;

/// <summary>Agreement of two models and correlation of their errors.</summary>
/// <param name="Agreement">Share of rows with the same prediction.</param>
/// <param name="ErrorCorrelation">Pearson correlation (phi) of the errors; 0 if one model is never or always wrong.</param>
/// <param name="Corrections">Number of rows that the first has wrong and the second right.</param>
public sealed record ModelAgreement(double Agreement, double ErrorCorrelation, int Corrections);
