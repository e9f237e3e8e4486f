namespace SketchFlow.Scoring.Submissions;

/// <summary>Recall of one class.</summary>
/// <param name="Name">Name of the class, or its number where no names are known.</param>
/// <param name="Rows">Number of rows of the class.</param>
/// <param name="Right">Number of them that were predicted correctly.</param>
public sealed record ClassRecall(string Name, int Rows, int Right)
{
    /// <summary>Right / rows.</summary>
    public double Recall => (double)Right / Rows;
}
