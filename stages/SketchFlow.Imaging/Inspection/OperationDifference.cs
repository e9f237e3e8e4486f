namespace SketchFlow.Imaging.Inspection;

/// <summary>Difference between an operation's output and another library's.</summary>
/// <param name="Case">File name of the reference output.</param>
/// <param name="Operation">Name and parameters.</param>
/// <param name="Source">Library that made the reference output.</param>
/// <param name="Size">Whether the sizes agree; otherwise the differences are not computed.</param>
/// <param name="Mean">Mean absolute difference, levels.</param>
/// <param name="Worst">Largest absolute difference, levels.</param>
/// <param name="Identical">Share of equal values.</param>
/// <param name="Allowed">Largest mean difference that passes.</param>
public sealed record OperationDifference(string Case, string Operation, string Source, bool Size, double Mean, int Worst, double Identical, double Allowed)
{
    /// <summary>Whether the sizes agree and the mean difference is within its limit.</summary>
    public bool Passes => Size && Mean <= Allowed;
}
