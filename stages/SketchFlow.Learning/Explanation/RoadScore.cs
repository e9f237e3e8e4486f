namespace SketchFlow.Learning.Explanation;

/// <summary>
/// Measures a map by removing pixels and filling them from their neighbours, so that the shape of the hole tells nothing (ROAD, remove and debias: Rong et
/// al. 2022).
/// </summary>
/// <param name="MostFirst">Mean probability of the class after the most relevant pixels are removed, 0 to 1; lower is better.</param>
/// <param name="LeastFirst">Mean probability of the class after the least relevant pixels are removed, 0 to 1; higher is better.</param>
public sealed record RoadScore(double MostFirst, double LeastFirst)
{
    /// <summary>Half of the difference between least and most relevant first, -0.5 to 0.5: 0 for a random order.</summary>
    public double Score => (LeastFirst - MostFirst) / 2;
}
