namespace SketchFlow.Learning.Explanation;

/// <summary>Measures whether the pixels that a map calls relevant are those that a network needs (Petsiuk et al. 2018, RISE).</summary>
/// <param name="Deletion">Mean probability of the class while the most relevant pixels become paper first, 0 to 1; lower is better.</param>
/// <param name="Insertion">Mean probability of the class while the most relevant pixels are put on empty paper first, 0 to 1; higher is better.</param>
public sealed record Faithfulness(double Deletion, double Insertion)
{
    /// <summary>Insertion minus deletion, -1 to 1: 0 for a random order.</summary>
    public double Score => Insertion - Deletion;
}
