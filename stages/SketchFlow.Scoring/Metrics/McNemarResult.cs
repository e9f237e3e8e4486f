namespace SketchFlow.Scoring.Metrics;

/// <summary>McNemar's test of two classifiers on the same rows.</summary>
/// <param name="BothRight">Rows that both have right.</param>
/// <param name="OnlyFirst">Rows that only the first has right.</param>
/// <param name="OnlySecond">Rows that only the second has right.</param>
/// <param name="BothWrong">Rows that neither has right.</param>
/// <param name="P">Two-sided p-value: how often classifiers of the same accuracy would differ as much.</param>
public sealed record McNemarResult(int BothRight, int OnlyFirst, int OnlySecond, int BothWrong, double P);
