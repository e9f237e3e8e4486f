namespace SketchFlow.Scoring.Metrics;

/// <summary>Result of McNemar's test for two classifiers on the same rows.</summary>
/// <param name="BothRight">Number of rows that both have right.</param>
/// <param name="OnlyFirst">Number of rows that only the first has right.</param>
/// <param name="OnlySecond">Number of rows that only the second has right.</param>
/// <param name="BothWrong">Number of rows that both have wrong.</param>
/// <param name="P">Two-sided p-value: probability of a difference at least as large if both classifiers are equally accurate.</param>
public sealed record McNemarResult(int BothRight, int OnlyFirst, int OnlySecond, int BothWrong, double P);
