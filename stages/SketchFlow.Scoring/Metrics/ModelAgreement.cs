namespace SketchFlow.Scoring.Metrics;

/// <summary>How alike two models are in what they get wrong.</summary>
/// <param name="Agreement">Share of rows with the same prediction.</param>
/// <param name="ErrorCorrelation">Pearson's correlation (phi) of being wrong; 0 where one of them is never or always wrong.</param>
/// <param name="Corrections">Rows that the first has wrong and the second right.</param>
public sealed record ModelAgreement(double Agreement, double ErrorCorrelation, int Corrections);
